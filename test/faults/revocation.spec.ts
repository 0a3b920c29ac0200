import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { startTestPlatform } from '@gatehouse/local-platform';
import type { RunningTestPlatform } from '@gatehouse/local-platform';
import { createSuite, FaultProxy } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { Client } from 'pg';
import { ServiceProcess } from '../platform/service-process.ts';
import { RevocationSampling, type Sampled } from './revocation-sampling.ts';

const TOKENS = 1_000;
/** Where more than one thing is broken. */
const FEW_TOKENS = 50;
/** The guard's bound is 5 s; a frozen process is stale after it. */
const FROZEN_MS = 5_500;
const MUTANT = { NODE_OPTIONS: `--import=${new URL('accept-when-stale.mjs', import.meta.url).href}` };

let platform: RunningTestPlatform;
let redis: FaultProxy;
let suite: Suite;
let sampling: RevocationSampling;
const running = new Map<Service, ServiceProcess>();

beforeAll(async () => {
  platform = await startTestPlatform();
  redis = await FaultProxy.start({ port: platform.redis.state.port });
  suite = await createSuite('revocation', { platform });
  await suite.migrate();
  await Promise.all(services.map((service) => start(service)));
  sampling = new RevocationSampling(suite);
}, 240_000);

afterAll(async () => {
  sampling?.close();
  await Promise.all([...running.values()].map((service) => service.stop()));
  await suite?.dispose();
  await redis?.stop();
  await platform?.stop();
}, 120_000);

/** Every service reaches Redis `state` through the proxy. */
async function start(service: Service, settings: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const url = new URL(suite.env(service)['STATE_REDIS_URL'] ?? '');
  url.port = `${redis.port}`;
  const process = ServiceProcess.start(suite, service, { STATE_REDIS_URL: url.href, ...settings });
  running.set(service, process);
  await process.ready();
  return process;
}

/** The longest that any service took a token after its revocation, in ms; prints what was measured. */
function longestOf(condition: string, { takenMs, samples, stale }: Sampled): number {
  const each = Object.entries(takenMs).map(([service, ms]) => `${service} ${ms.toFixed(0)}`);
  process.stdout.write(
    `revocation, ${condition}: taken for at most (ms) ${each.join(', ')}; ${samples} samples, ${stale} of them 503\n`,
  );
  return Math.max(...Object.values(takenMs));
}

const measured = async (condition: string, tokens: readonly string[]) =>
  longestOf(condition, await sampling.revokeAndSample(tokens));

test('an acknowledged revocation is refused by every service within 1 s', async () => {
  expect(await measured('no fault', await sampling.tokens(TOKENS))).toBeLessThan(1_000);
}, 120_000);

test('with Kafka stopped: within 5 s', async () => {
  const tokens = await sampling.tokens(TOKENS);
  await platform.broker.kill();
  try {
    expect(await measured('Kafka stopped', tokens)).toBeLessThan(5_000);
  } finally {
    await platform.broker.start();
  }
}, 120_000);

test('with Redis stopped: within 5 s', async () => {
  const tokens = await sampling.tokens(TOKENS);
  redis.cut();
  try {
    expect(await measured('Redis stopped', tokens)).toBeLessThan(5_000);
  } finally {
    redis.restore();
  }
}, 120_000);

test('with the relay stopped: within 5 s', async () => {
  const tokens = await sampling.tokens(TOKENS);
  // The relay passes nothing above the oldest open transaction that has written, in whichever database it is.
  const writer = new Client({ connectionString: platform.postgres.adminUrl });
  await writer.connect();
  await writer.query('BEGIN; SELECT pg_current_xact_id()');
  try {
    expect(await measured('relay stopped', tokens)).toBeLessThan(5_000);
  } finally {
    await writer.end();
  }
}, 120_000);

test('with a consumer that is frozen and goes on: within 5 s', async () => {
  const tokens = await sampling.tokens(TOKENS);
  const frozen = running.get('audit-log') ?? (await start('audit-log'));
  const sampled = await sampling.revokeAndSampleFrozen(tokens, frozen, FROZEN_MS);
  expect(longestOf('audit-log frozen', sampled)).toBeLessThan(5_000);
}, 120_000);

/** The same with every way to the service cut but HTTP, so that it learns of nothing at the moment at which it goes on. */
async function cutOffAndFrozen(condition: string, frozen: ServiceProcess): Promise<number> {
  const tokens = await sampling.tokens(FEW_TOKENS);
  redis.cut();
  await platform.broker.kill();
  try {
    return longestOf(condition, await sampling.revokeAndSampleFrozen(tokens, frozen, FROZEN_MS));
  } finally {
    redis.restore();
    await platform.broker.start();
  }
}

test('a service that was frozen and cut off takes no token either when it goes on', async () => {
  const frozen = running.get('audit-log') ?? (await start('audit-log'));
  expect(await cutOffAndFrozen('audit-log frozen, without Redis and Kafka', frozen)).toBeLessThan(5_000);
}, 120_000);

test('negative control: a guard that does not ask how old its knowledge is takes them, and the same check sees it', async () => {
  await running.get('audit-log')?.stop();
  const frozen = await start('audit-log', MUTANT);
  expect(await cutOffAndFrozen('the same, its guard mutated', frozen)).toBeGreaterThan(5_000);
}, 180_000);
