import autocannon from 'autocannon';
import { cpuNanoseconds, residentMebibytes } from './server-cpu.ts';

/** One scenario: what is sent again and again, and which answer counts as done. */
export interface Scenario {
  readonly name: string;
  /** Ends after so many requests; undefined: after the time of the load. */
  readonly amount?: number;
  readonly request: autocannon.Options;
}

/** What one run of a scenario showed. */
export interface Figure {
  readonly scenario: string;
  /** `saturation`, or the fixed rate in requests a second. */
  readonly load: string;
  readonly requestsPerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Answers outside 2xx, timeouts and broken connections. */
  readonly failures: number;
  /** Requests done for each second of CPU time that the server process used. */
  readonly perCpuSecond: Readonly<Record<string, number>>;
  readonly residentMebibytes: Readonly<Record<string, number>>;
}

export interface Load {
  /** Requests a second over all connections; undefined saturates. */
  readonly rate?: number;
  readonly connections: number;
  readonly seconds: number;
}

/** Runs one scenario against 127.0.0.1 for a bounded time and relates it to the CPU time of each server process. */
export async function measure(
  scenario: Scenario,
  load: Load,
  servers: Readonly<Record<string, number>>,
): Promise<Figure> {
  const before = cpuOf(servers);
  const { result, latenciesMs } = await drive({
    ...scenario.request,
    connections: load.connections,
    ...(scenario.amount === undefined ? { duration: load.seconds } : { amount: scenario.amount }),
    ...(load.rate === undefined ? {} : { overallRate: load.rate }),
  });
  const after = cpuOf(servers);
  const done = result['2xx'];
  const perCpuSecond = Object.keys(servers).map((name) => [name, (done * 1e9) / (after[name]! - before[name]!)]);
  return {
    scenario: scenario.name,
    load: load.rate === undefined ? 'saturation' : `${load.rate}/s`,
    requestsPerSecond: done / result.duration,
    latencyMs: percentiles(latenciesMs),
    failures: result.non2xx + result.errors + result.timeouts,
    perCpuSecond: Object.fromEntries(perCpuSecond) as Record<string, number>,
    residentMebibytes: Object.fromEntries(Object.entries(servers).map(([name, pid]) => [name, residentMebibytes(pid)])),
  };
}

/** autocannon's own percentiles skip p95, so each answer's latency is kept. */
function drive(options: autocannon.Options): Promise<{ result: autocannon.Result; latenciesMs: number[] }> {
  const latenciesMs: number[] = [];
  return new Promise((resolve, reject) => {
    const running = autocannon(options, (error: Error | null, result) =>
      error ? reject(error) : resolve({ result, latenciesMs }),
    );
    running.on('response', (_client, _status, _bytes, latencyMs) => latenciesMs.push(latencyMs));
  });
}

function cpuOf(servers: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(servers).map(([name, pid]) => [name, cpuNanoseconds(pid)]));
}

function percentiles(samplesMs: number[]): Figure['latencyMs'] {
  const sorted = Float64Array.from(samplesMs).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
