import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import type { Destination } from '../journeys/journey.ts';
import { auditDelay } from './audit-delay.ts';
import { prepare } from './prepare.ts';
import { figuresTable } from './print-figures.ts';
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

/** `npm run load [-- --seconds N]`: loads the running platform, each scenario for a bounded time, and prints figures. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
  const seconds = Math.min(Number(values.seconds), 60);
  if (!existsSync(PLATFORM_FILE))
    throw new Error('The platform is not running: start it with `npm start` in another terminal.');
  const platform = JSON.parse(readFileSync(PLATFORM_FILE, 'utf8')) as Platform;
  const pids = Object.fromEntries(services.map((service) => [service, platform.services[service].pid]));
  const ready = await prepare(platform, platform.users.demo, CONNECTIONS);

  const saturate: Load = { connections: CONNECTIONS, seconds };
  const figures: Figure[] = [];
  const run = async (scenario: Scenario, load: Load) => {
    process.stderr.write(`  ${scenario.name}, ${load.rate ? `${load.rate}/s` : 'saturation'}, ${seconds} s ...\n`);
    figures.push(await measure(scenario, load, pids));
  };
  await run(clientCredentials(platform), { ...saturate, seconds: 3 }); // -- warms up; dropped below
  figures.pop();
  await run(clientCredentials(platform), saturate);
  await run(refresh(platform, ready.refreshTokens), saturate);
  await run(codeExchange(platform, await ready.codes(ONCE_ONLY)), saturate);
  const tokens = await ready.accessTokens(ONCE_ONLY);
  await run(introspectAgain(platform, tokens[0] ?? ''), saturate);
  await run(introspectFirst(platform, tokens), saturate);
  await run(jwks(platform), saturate);
  await run(discovery(platform), saturate);
  await run(check(platform, ready.adminToken, ready.question), saturate);
  const since = new Date();
  await run(clientCredentials(platform), { ...saturate, rate: EVENTS_PER_SECOND });
  const delay = await auditDelay(platform.postgres['audit-log'], since);

  process.stdout.write(`${hardware()}\n\n${figuresTable(figures)}\n\n`);
  const [p50, p95, p99] = [delay.p50Ms, delay.p95Ms, delay.p99Ms].map((value) => value.toFixed(0));
  process.stdout.write(
    `event to audit entry at ${EVENTS_PER_SECOND}/s over ${delay.events} events: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms\n`,
  );
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
