import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { jest } from '@jest/globals';
import { kafkaClient } from './kafka.ts';
import { freePorts } from './ports.ts';
import { asSuperuser, ensureDatabase } from './postgres.ts';
import { settingPrefix } from './service-environment.ts';
import { readSettings } from './settings.ts';
import { runningProcesses, Start } from './start.spec-support.ts';
import { databaseName } from './test-platform.ts';
import type { TestPlatform } from './test-platform.ts';

jest.setTimeout(240_000);

const home = mkdtempSync(join(tmpdir(), 'gatehouse-existing-'));
const unique = `existing-${randomBytes(3).toString('hex')}`;
const { postgres, kafka, redis } = JSON.parse(
  readFileSync(process.env['GATEHOUSE_TEST_PLATFORM'] ?? '', 'utf8'),
) as TestPlatform;

const database = (service: Service) => `${unique.replace('-', '_')}_${databaseName(service)}`;
const databaseUrl = (service: Service) => {
  const login = { username: databaseName(service), password: postgres.passwords[service] };
  return Object.assign(new URL(postgres.adminUrl), login, { pathname: database(service) }).href;
};

beforeAll(() =>
  asSuperuser(postgres.adminUrl, async (admin) => {
    for (const service of services) await ensureDatabase(admin, database(service), databaseName(service));
  }),
);

afterAll(async () => {
  const admin = kafkaClient(kafka.brokers, 'admin', kafka.passwords.admin).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(unique));
  await admin.deleteTopics({ topics });
  await admin.disconnect();
  await asSuperuser(postgres.adminUrl, async (superuser) => {
    for (const service of services) await superuser.query(`DROP DATABASE "${database(service)}" WITH (FORCE)`);
  });
  rmSync(home, { recursive: true, force: true });
});

test('the platform runs on existing servers, and starts none of its own in their place', async () => {
  const { planned } = readSettings({});
  const free = await freePorts(planned.length);
  const start = new Start(home, {
    ...Object.fromEntries(planned.map(({ setting }, index) => [setting, String(free[index])])),
    ...Object.fromEntries(services.map((service) => [`${settingPrefix(service)}_DATABASE_URL`, databaseUrl(service)])),
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_USERNAME: 'admin',
    KAFKA_PASSWORD: kafka.passwords.admin,
    KAFKA_TOPIC_PREFIX: `${unique}.`,
    REDIS_HOST: redis.cache.host,
    REDIS_PORT: String(redis.cache.port),
    REDIS_USERNAME: 'admin',
    REDIS_PASSWORD: redis.cache.passwords.admin,
    STATE_REDIS_URL: `redis://admin:${redis.state.passwords.admin}@${redis.state.host}:${redis.state.port}/0`,
  });
  try {
    const platform = await start.ready();
    expect(runningProcesses(home).map(({ name }) => name).sort()).toEqual(['mail', ...services].sort()); // prettier-ignore
    expect(platform.kafka.brokers).toBe(kafka.brokers);
    expect(platform.postgres).toEqual(Object.fromEntries(services.map((service) => [service, databaseUrl(service)])));
    expect(platform.redis.state.url).toContain(`:${redis.state.port}/`);
  } finally {
    await start.kill('SIGTERM');
  }
});
