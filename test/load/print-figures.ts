import type { CpuShares } from './cpu-profile.ts';
import type { Figure } from './measure.ts';

const round = (value: number, digits = 0) => value.toFixed(digits);

/** The figures as a Markdown table, ready for `docs/benchmarks.md`. */
export function figuresTable(figures: readonly Figure[]): string {
  const servers = [...new Set(figures.flatMap((figure) => Object.keys(figure.perCpuSecond)))];
  const header = [
    'scenario',
    'load',
    'req/s',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'failures',
    ...servers.map((name) => `per CPU-second of ${name}`),
    ...servers.map((name) => `MiB of ${name}`),
  ];
  const rows = figures.map((figure) => [
    figure.scenario,
    figure.load,
    round(figure.requestsPerSecond),
    round(figure.latencyMs.p50, 1),
    round(figure.latencyMs.p95, 1),
    round(figure.latencyMs.p99, 1),
    String(figure.failures),
    ...servers.map((name) => round(figure.perCpuSecond[name] ?? Number.NaN)),
    ...servers.map((name) => round(figure.residentMebibytes[name] ?? Number.NaN)),
  ]);
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const SHARE_MIN = 0.02;

/** Who spent the main thread's time in a scenario, the largest first; what is below 2 % is left out. */
export function sharesLine(scenario: string, shares: CpuShares): string {
  const told = [...shares].filter(([, share]) => share >= SHARE_MIN);
  return `${scenario}: ${told.map(([owner, share]) => `${owner} ${round(100 * share)} %`).join(', ')}`;
}
