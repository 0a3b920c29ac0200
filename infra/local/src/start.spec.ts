import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '@gatehouse/contracts';
import { jest } from '@jest/globals';
import pg from 'pg';
import { kafkaClient } from './kafka.ts';
import type { PlatformFile } from './platform-file.ts';
import { isRunning } from './process-identity.ts';
import { freePorts } from './ports.ts';
import { readSettings } from './settings.ts';
import { elsewhereOf } from './servers.ts';
import { readPlatformFile, runningProcesses, Start, until } from './start.spec-support.ts';

jest.setTimeout(240_000);

const home = mkdtempSync(join(tmpdir(), 'gatehouse-start-'));
let ports: Record<string, string>;
let start: Start;
let platform: PlatformFile;

beforeAll(async () => {
  const settings = readSettings({}).planned.map(({ setting }) => setting);
  const free = await freePorts(settings.length);
  ports = Object.fromEntries(settings.map((setting, index) => [setting, String(free[index])]));
  start = new Start(home, ports);
  platform = await start.ready();
});

afterAll(async () => {
  await start.kill('SIGTERM');
  rmSync(home, { recursive: true, force: true });
  rmSync(elsewhereOf(home), { recursive: true, force: true });
});

test('platform.json has the documented shape, and only its owner can read it', () => {
  const text = expect.stringMatching(/./) as string;
  const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string;
  const service = { url, admin: url, pid: expect.any(Number) as number };
  expect(platform).toEqual({
    issuer: `http://127.0.0.1:${ports['TOKEN_PORT']}`,
    services: Object.fromEntries(services.map((name) => [name, service])),
    clients: {
      demo: { id: 'demo', secret: text, redirect_uri: text },
      admin: { id: 'admin', secret: text },
    },
    users: { demo: { id: text, org_id: text, email: text, password: text } },
    kafka: {
      brokers: `127.0.0.1:${ports['LOCAL_KAFKA_PORT']}`,
      mechanism: 'scram-sha-256',
      username: 'observer',
      password: text,
    },
    redis: {
      cache: { url: expect.stringContaining(`:${ports['LOCAL_REDIS_CACHE_PORT']}/`) as string },
      state: { url: expect.stringContaining(`:${ports['LOCAL_REDIS_STATE_PORT']}/`) as string },
    },
    postgres: Object.fromEntries(services.map((name) => [name, expect.stringMatching(/^postgres:\/\//) as string])),
    smtp: { url: `smtp://127.0.0.1:${ports['LOCAL_SMTP_PORT']}` },
    mail: { url },
    traces: { url: null },
  });
  expect(statSync(join(home, 'platform.json')).mode & 0o777).toBe(0o600);
});

test('every file that holds a secret can be read by its owner only', () => {
  const files = ['secrets.json', 'seed.json', ...readdirSync(join(home, 'env')).map((file) => join('env', file))];
  expect(files).toContain('env/operator.env');
  for (const file of files) expect([file, statSync(join(home, file)).mode & 0o777]).toEqual([file, 0o600]);
});

test('no command line shows a secret', () => {
  const secrets = Object.values(JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8')) as Record<string, string>);
  for (const { name, pid } of runningProcesses(home)) {
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    expect([name, secrets.filter((secret) => commandLine.includes(secret))]).toEqual([name, []]);
  }
});

test('a second start is refused and names the process that runs already', async () => {
  const second = new Start(home, ports);
  expect(await second.exit()).toBe(1);
  expect(second.output).toContain(`already running, started by process ${start.pid}`);
  expect(readPlatformFile(home)).toEqual(platform);
});

test("each service's database is closed to the other services", async () => {
  const foreign = new URL(platform.postgres.token);
  foreign.pathname = new URL(platform.postgres['audit-log']).pathname;
  const client = new pg.Client({ connectionString: foreign.href });
  await expect(client.connect()).rejects.toThrow(/permission denied for database/);
});

test('the observer reads every topic and writes none', async () => {
  const { brokers, username, password } = platform.kafka;
  const kafka = kafkaClient(brokers, username, password, { retry: { retries: 1 } });
  const consumer = kafka.consumer({ groupId: 'observer-start-spec' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'authorization.organizations', fromBeginning: true });
  const seen = new Promise<string>((resolve) => {
    void consumer.run({
      eachMessage: ({ message }) => Promise.resolve(resolve(message.headers?.['ce_type']?.toString() ?? '')),
    });
  });
  expect(await seen).toMatch(/^[a-z-]+\.[a-z-]+$/);
  await consumer.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  const forged = producer.send({ topic: 'authorization.organizations', messages: [{ value: '{}' }] });
  await expect(forged).rejects.toThrow(/not authorized/i);
  await producer.disconnect();
});

test('a service that dies is started again, and platform.json has its new pid', async () => {
  const { pid } = platform.services['audit-log'];
  process.kill(pid, 'SIGKILL');
  await until(() => readPlatformFile(home).services['audit-log'].pid !== pid);
  await until(() => start.output.includes('ready again'));
  expect(await fetch(`${platform.services['audit-log'].admin}/health/ready`)).toMatchObject({ status: 200 });
  platform = readPlatformFile(home);
});

test('after a kill -9 of the starter the next start recovers, with the same secrets and data', async () => {
  await start.kill('SIGKILL');
  const left = runningProcesses(home);
  expect(left.map(({ name }) => name).sort()).toEqual(['kafka', 'mail', 'postgres', 'redis-cache', 'redis-state', ...services].sort()); // prettier-ignore
  start = new Start(home, ports);
  await until(() => start.output.includes('recovery'));
  const again = await start.ready();
  const withoutPids = (file: PlatformFile) => ({ ...file, services: {} });
  expect(withoutPids(again)).toEqual(withoutPids(platform)); // the demo organisation's id is the database's
  for (const { pid } of left) expect(runningProcesses(home).map((one) => one.pid)).not.toContain(pid);
});

test('SIGTERM stops everything in order and leaves nothing behind', async () => {
  const running = runningProcesses(home);
  expect(running.length).toBeGreaterThan(8);
  expect(await start.kill('SIGTERM')).toBe(0);
  expect(running.filter(isRunning)).toEqual([]);
  expect(readdirSync(home)).not.toContain('platform.json');
  expect(readdirSync(home)).not.toContain('lock');
});

test('a port that is taken is named with the setting that moves it, and nothing is started', async () => {
  const server = createServer().listen(Number(ports['AUDIT_LOG_PORT']), '127.0.0.1');
  const refused = new Start(home, ports);
  expect(await refused.exit().finally(() => server.close())).toBe(1);
  expect(refused.output).toContain(`port ${ports['AUDIT_LOG_PORT']} (audit-log) is taken`);
  expect(refused.output).toContain('AUDIT_LOG_PORT');
  expect(runningProcesses(home)).toEqual([]);
});
