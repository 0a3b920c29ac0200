import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { startTestPlatform } from '@gatehouse/local-platform';
import type { RunningTestPlatform } from '@gatehouse/local-platform';
import { createSuite, eventually, FaultProxy } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { Client } from 'pg';
import { ServiceProcess } from '../platform/service-process.ts';
import { RevocationSampling } from './revocation-sampling.ts';

const WITHOUT_FAULT = 100;
const UNDER_FAULT = 50;
/** The guard's bound is 5 s; a frozen process is stale after it. */
const FROZEN_MS = 6_000;
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

const longestOf = (taken: Readonly<Record<Service, number>>) => Math.max(...Object.values(taken));

test('an acknowledged revocation is refused by every service within 1 s', async () => {
  const taken = await sampling.revokeAndSample(await sampling.tokens(WITHOUT_FAULT));
  expect(longestOf(taken)).toBeLessThan(1_000);
}, 300_000);

test('with Kafka stopped: within 5 s', async () => {
  const tokens = await sampling.tokens(UNDER_FAULT);
  await platform.broker.kill();
  try {
    expect(longestOf(await sampling.revokeAndSample(tokens))).toBeLessThan(5_000);
  } finally {
    await platform.broker.start();
  }
}, 300_000);

test('with Redis stopped: within 5 s', async () => {
  const tokens = await sampling.tokens(UNDER_FAULT);
  redis.cut();
  try {
    expect(longestOf(await sampling.revokeAndSample(tokens))).toBeLessThan(5_000);
  } finally {
    redis.restore();
  }
}, 300_000);

test('with the relay stopped: within 5 s', async () => {
  const tokens = await sampling.tokens(UNDER_FAULT);
  // The relay passes nothing above the oldest open transaction that has written, in whichever database it is.
  const writer = new Client({ connectionString: platform.postgres.adminUrl });
  await writer.connect();
  await writer.query('BEGIN; SELECT pg_current_xact_id()');
  try {
    expect(longestOf(await sampling.revokeAndSample(tokens))).toBeLessThan(5_000);
  } finally {
    await writer.end();
  }
}, 300_000);

/**
 * Revokes while the process is frozen, with every way to it cut but HTTP, and asks it at the moment it goes on.
 * @returns its answers
 */
async function askOnceThawed(frozen: ServiceProcess): Promise<number[]> {
  const tokens = await sampling.tokens(20);
  redis.cut();
  await platform.broker.kill();
  process.kill(frozen.pid, 'SIGSTOP');
  try {
    for (const token of tokens) await sampling.revoke(token);
    const thawAtMs = performance.now() + FROZEN_MS;
    await eventually(() => performance.now() > thawAtMs, { within: '30s' });
    const answers = tokens.map((token) => sampling.status(frozen.service, token));
    process.kill(frozen.pid, 'SIGCONT');
    return await Promise.all(answers);
  } finally {
    process.kill(frozen.pid, 'SIGCONT');
    redis.restore();
    await platform.broker.start();
  }
}

test('a service that was frozen and goes on takes no token that was revoked in the meantime', async () => {
  const frozen = running.get('audit-log') ?? (await start('audit-log'));
  const answers = await askOnceThawed(frozen);
  expect(answers.filter((status) => status !== 503 && status !== 401)).toEqual([]);
}, 180_000);

test('negative control: a guard that does not ask how old its knowledge is takes them', async () => {
  await running.get('audit-log')?.stop();
  const frozen = await start('audit-log', MUTANT);
  expect(await askOnceThawed(frozen)).toContain(200);
}, 180_000);
