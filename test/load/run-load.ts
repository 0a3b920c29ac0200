import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import type { Destination } from '../journeys/journey.ts';
import { auditDelay } from './audit-delay.ts';
import { profileWhile, type CpuShares } from './cpu-profile.ts';
import { prepare, type Prepared } from './prepare.ts';
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
} from './scenarios.ts';

const PLATFORM_FILE = '.gatehouse/platform.json';
const CONNECTIONS = 16;
const EVENTS_PER_SECOND = 200;
/** Codes and tokens that are presented once. */
const ONCE_ONLY = 2_000;

interface Platform extends Destination {
  readonly services: Readonly<Record<Service, { readonly url: string; readonly pid: number }>>;
  readonly postgres: Readonly<Record<Service, string>>;
  readonly users: { readonly demo: { readonly id: string; readonly email: string; readonly password: string } };
}

/**
 * `npm run load [-- --seconds N] [--only NAME]... [--profile]`: loads the running platform, each scenario for a bounded
 * time, and prints figures. `--only` takes the scenarios whose name begins so; `--profile` adds where the token service
 * spends its time, and makes every figure lower.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      only: { type: 'string', multiple: true, default: [''] },
      profile: { type: 'boolean', default: false },
    },
  });
  const seconds = Math.min(Number(values.seconds), 60);
  if (!existsSync(PLATFORM_FILE))
    throw new Error('The platform is not running: start it with `npm start` in another terminal.');
  const platform = JSON.parse(readFileSync(PLATFORM_FILE, 'utf8')) as Platform;
  const pids = Object.fromEntries(services.map((service) => [service, platform.services[service].pid]));
  const ready = await prepare(platform, platform.users.demo, CONNECTIONS);

  const saturate: Load = { connections: CONNECTIONS, seconds };
  const figures: Figure[] = [];
  const profiles: [string, CpuShares][] = [];
  const run = async (scenario: Scenario, load: Load) => {
    process.stderr.write(`  ${scenario.name}, ${load.rate ? `${load.rate}/s` : 'saturation'}, ${seconds} s ...\n`);
    const work = () => measure(scenario, load, pids);
    if (!values.profile) return void figures.push(await work());
    const { result, shares } = await profileWhile(platform.services.token.pid, work);
    figures.push(result);
    profiles.push([scenario.name, shares]);
  };
  const wanted = ([name]: ScenarioMaker) => values.only.some((begin) => name.startsWith(begin));
  await measure(clientCredentials(platform), { ...saturate, seconds: 3 }, pids); // -- warms up
  for (const [, make] of scenarios(platform, ready).filter(wanted)) await run(await make(), saturate);
  const since = new Date();
  await run(clientCredentials(platform), { ...saturate, rate: EVENTS_PER_SECOND });
  const delay = await auditDelay(platform.postgres['audit-log'], since);

  process.stdout.write(`${hardware()}\n\n${figuresTable(figures)}\n\n`);
  for (const [name, shares] of profiles) process.stdout.write(`${sharesLine(name, shares)}\n`);
  const [p50, p95, p99] = [delay.p50Ms, delay.p95Ms, delay.p99Ms].map((value) => value.toFixed(0));
  process.stdout.write(
    `event to audit entry at ${EVENTS_PER_SECOND}/s over ${delay.events} events: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms\n`,
  );
}

/** Made only when its turn comes: codes are good for a minute. */
type ScenarioMaker = readonly [name: string, make: () => Scenario | Promise<Scenario>];

function scenarios(platform: Platform, ready: Prepared): ScenarioMaker[] {
  const tokens = () => ready.accessTokens(ONCE_ONLY);
  return [
    ['client_credentials', () => clientCredentials(platform)],
    ['refresh', () => refresh(platform, ready.refreshTokens)],
    ['authorization code', async () => codeExchange(platform, await ready.codes(ONCE_ONLY))],
    ['introspection, seen before', async () => introspectAgain(platform, (await ready.accessTokens(1))[0] ?? '')],
    ['introspection, first time', async () => introspectFirst(platform, await tokens())],
    ['jwks', () => jwks(platform)],
    ['discovery', () => discovery(platform)],
    ['check', () => check(platform, ready.adminToken, ready.question)],
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
