import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import type { Destination } from '../journeys/journey.ts';
import { auditDelay } from './audit-delay.ts';
import { profileWhile, type CpuShares } from './cpu-profile.ts';
import { addSessions } from './many-sessions.ts';
import { keepLoggingIn, prepare, type Prepared } from './prepare.ts';
import { figuresTable, sharesLine } from './print-figures.ts';
import { measure } from './measure.ts';
import type { Figure, Load, Scenario } from './measure.ts';
import {
  check,
  clientCredentials,
  codeExchange,
  discovery,
  introspectAgain,
  introspectFirst,
  jwks,
  refresh,
  refreshEachOnce,
} from './scenarios.ts';

const PLATFORM_FILE = '.gatehouse/platform.json';
const CONNECTIONS = 16;
const EVENTS_PER_SECOND = 200;
/** Codes and tokens that are presented once. */
const ONCE_ONLY = 2_000;
const WARM_UP_SECONDS = 3;
const MANY_SESSIONS = 100_000;
/** How many log in at the same time, again and again. */
const PEOPLE = 4;

interface Platform extends Destination {
  readonly services: Readonly<Record<Service, { readonly url: string; readonly pid: number }>>;
  readonly postgres: Readonly<Record<Service, string>>;
  readonly users: { readonly demo: { readonly id: string; readonly email: string; readonly password: string } };
}

/**
 * `npm run load [-- --seconds N] [--only NAME]... [--profile]`: loads the running platform, each scenario for a bounded
 * time, once with all that it takes and once with half of that, and prints figures. `--only` takes the scenarios whose name
 * begins so; `--profile` adds where the token service spends its time, and makes every figure lower.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      only: { type: 'string', multiple: true, default: [''] },
      profile: { type: 'boolean', default: false },
    },
  });
  if (!existsSync(PLATFORM_FILE))
    throw new Error('The platform is not running: start it with `npm start` in another terminal.');
  const platform = JSON.parse(readFileSync(PLATFORM_FILE, 'utf8')) as Platform;
  const bench = new Bench(platform, Math.min(Number(values.seconds), 60), values.profile);
  const ready = await prepare(platform, platform.users.demo);
  const wanted = ([name]: readonly [name: string, ...unknown[]]) => values.only.some((begin) => name.startsWith(begin));

  await bench.warmUp();
  for (const [, make] of scenarios(platform, ready).filter(wanted)) {
    const { requestsPerSecond } = await bench.run(await make());
    await bench.run(await make(), requestsPerSecond / 2);
  }
  for (const [, run] of comparisons(platform, ready, bench).filter(wanted)) await run();
  const since = new Date();
  await bench.run(clientCredentials(platform), EVENTS_PER_SECOND);
  const delay = await auditDelay(platform.postgres['audit-log'], since);

  process.stdout.write(`${hardware()}\n\n${bench.report()}\n`);
  const [p50, p95, p99] = [delay.p50Ms, delay.p95Ms, delay.p99Ms].map((value) => value.toFixed(0));
  process.stdout.write(
    `event to audit entry at ${EVENTS_PER_SECOND}/s over ${delay.events} events: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms\n`,
  );
}

/** Runs scenarios one after the other and keeps what they showed. */
class Bench {
  private readonly figures: Figure[] = [];
  private readonly profiles: [string, CpuShares][] = [];
  private readonly pids: Readonly<Record<string, number>>;

  constructor(
    private readonly platform: Platform,
    readonly seconds: number,
    private readonly profile: boolean,
  ) {
    this.pids = Object.fromEntries(services.map((service) => [service, platform.services[service].pid]));
  }

  async warmUp(): Promise<void> {
    await measure(clientCredentials(this.platform), { connections: CONNECTIONS, seconds: WARM_UP_SECONDS }, this.pids);
  }

  /** At `rate` requests a second; without one, with all that it takes. */
  async run(scenario: Scenario, rate?: number): Promise<Figure> {
    const load: Load = { connections: CONNECTIONS, seconds: this.seconds, ...(rate && { rate: Math.ceil(rate) }) };
    process.stderr.write(`  ${scenario.name}, ${load.rate ? `${load.rate}/s` : 'saturation'}, ${this.seconds} s ...\n`);
    const work = () => measure(scenario, load, this.pids);
    const profiled = this.profile ? await profileWhile(this.platform.services.token.pid, work) : undefined;
    const figure = profiled?.result ?? (await work());
    if (profiled) this.profiles.push([scenario.name, profiled.shares]);
    this.figures.push(figure);
    return figure;
  }

  report(): string {
    return [figuresTable(this.figures), '', ...this.profiles.map(([name, shares]) => sharesLine(name, shares))].join(
      '\n',
    );
  }
}

/** Made only when its turn comes: codes are good for a minute. */
type ScenarioMaker = readonly [name: string, make: () => Scenario | Promise<Scenario>];

function scenarios(platform: Platform, ready: Prepared): ScenarioMaker[] {
  const tokens = () => ready.accessTokens(ONCE_ONLY);
  return [
    ['client_credentials', () => clientCredentials(platform)],
    ['refresh', async () => refresh(platform, await ready.refreshTokens(CONNECTIONS))],
    ['authorization code', async () => codeExchange(platform, await ready.codes(ONCE_ONLY))],
    ['introspection, seen before', async () => introspectAgain(platform, (await ready.accessTokens(1))[0] ?? '')],
    ['introspection, first time', async () => introspectFirst(platform, await tokens())],
    ['jwks', () => jwks(platform)],
    ['discovery', () => discovery(platform)],
    ['check', () => check(platform, ready.adminToken, ready.question)],
  ];
}

/** What else goes on meanwhile: people who log in, or a hundred thousand sessions. */
function comparisons(platform: Platform, ready: Prepared, bench: Bench): [name: string, run: () => Promise<void>][] {
  const besideLogins = async () => {
    const refreshing = async () => refresh(platform, await ready.refreshTokens(CONNECTIONS));
    const rate = (await bench.run(await refreshing())).requestsPerSecond / 2;
    await bench.run(await refreshing(), rate);
    const beside = { ...(await refreshing()), name: 'refresh beside logins' };
    const stop = new AbortController();
    const people = Array.from({ length: PEOPLE }, () => keepLoggingIn(platform, platform.users.demo, stop.signal));
    await bench.run(beside, rate);
    stop.abort();
    const logins = (await Promise.all(people)).reduce((sum, times) => sum + times, 0);
    process.stderr.write(`  beside ${(logins / bench.seconds).toFixed(1)} logins a second\n`);
  };
  const manySessions = async () => {
    const [model = ''] = await ready.refreshTokens(1);
    const many = await addSessions(platform.postgres.token, model, MANY_SESSIONS);
    await bench.run(refreshEachOnce(platform, many.refreshTokens.slice(0, 2 * ONCE_ONLY))).finally(() => many.remove());
  };
  return [
    ['refresh beside logins', besideLogins],
    ['many sessions', manySessions],
  ];
}

function hardware(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const model = cpus()[0]?.model ?? 'unknown CPU';
  return `${cpus().length} x ${model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, commit ${commit}, ${new Date().toISOString()}`;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
