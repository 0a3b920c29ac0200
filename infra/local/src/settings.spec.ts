import { services } from '@gatehouse/contracts';
import { readSettings } from './settings.ts';

const settingsOf = (env: Record<string, string>) => readSettings(env).planned.map(({ setting }) => setting);

test('without settings every part is embedded, on the documented ports', () => {
  const { planned, existing } = readSettings({});
  expect(Object.fromEntries(planned.map(({ setting, port }) => [setting, port]))).toEqual({
    LOCAL_POSTGRES_PORT: 54_329,
    LOCAL_KAFKA_PORT: 19_092,
    LOCAL_KAFKA_CONTROLLER_PORT: 19_093,
    LOCAL_REDIS_CACHE_PORT: 63_799,
    LOCAL_REDIS_STATE_PORT: 63_798,
    LOCAL_SMTP_PORT: 1_025,
    LOCAL_MAIL_PAGE_PORT: 8_025,
    LOCAL_TRACES_PORT: 9_411,
    TOKEN_PORT: 4_001,
    TOKEN_ADMIN_PORT: 4_101,
    AUTHORIZATION_PORT: 4_002,
    AUTHORIZATION_ADMIN_PORT: 4_102,
    AUDIT_LOG_PORT: 4_003,
    AUDIT_LOG_ADMIN_PORT: 4_103,
    EMAIL_VERIFICATION_PORT: 4_004,
    EMAIL_VERIFICATION_ADMIN_PORT: 4_104,
  });
  expect(existing.databaseUrls).toEqual({});
});

test('every port can be moved by the setting that an error names', () => {
  const moved = readSettings(Object.fromEntries(settingsOf({}).map((name, index) => [name, String(30_000 + index)])));
  expect(moved.planned.map(({ port }) => port)).toEqual(moved.planned.map((_, index) => 30_000 + index));
  expect(moved.embedded.postgres).toBe(30_000);
  expect(moved.services['email-verification'].adminPort).toBe(30_015);
});

test.each(['0', '65536', 'four', '80.5'])('a port of %s is refused with the name of its setting', (value) => {
  expect(() => readSettings({ TOKEN_PORT: value })).toThrow(/TOKEN_PORT/);
});

test.each([
  ['KAFKA_BROKERS', { KAFKA_BROKERS: 'k:9092', KAFKA_USERNAME: 'u', KAFKA_PASSWORD: 'p' }, 'LOCAL_KAFKA_PORT'],
  ['REDIS_HOST', { REDIS_HOST: 'cache' }, 'LOCAL_REDIS_CACHE_PORT'],
  ['STATE_REDIS_URL', { STATE_REDIS_URL: 'redis://state' }, 'LOCAL_REDIS_STATE_PORT'],
  ['SMTP_URL', { SMTP_URL: 'smtp://mail' }, 'LOCAL_SMTP_PORT'],
  ['OTEL_TRACES_EXPORTER', { OTEL_TRACES_EXPORTER: 'none' }, 'LOCAL_TRACES_PORT'],
])('%s switches its embedded part off', (_name, env, setting) => {
  expect(settingsOf({})).toContain(setting);
  expect(settingsOf(env)).not.toContain(setting);
});

test('PostgreSQL is embedded as long as one service has no database elsewhere', () => {
  const urls = services.map((service): [string, string] => [
    `${service.toUpperCase().replace('-', '_')}_DATABASE_URL`,
    'postgres://db/x',
  ]);
  expect(settingsOf(Object.fromEntries(urls.slice(1)))).toContain('LOCAL_POSTGRES_PORT');
  expect(settingsOf(Object.fromEntries(urls))).not.toContain('LOCAL_POSTGRES_PORT');
});

test('what a conformance suite has to set is handed to the services as it is, and nothing else', () => {
  const set = { ISSUER: 'http://localhost:3000', CLIENT_REGISTRATION: 'closed', OUTBOUND_ALLOWED: 'localhost' };
  expect(readSettings({ ...set, SIGNING_KEY_ENCRYPTION_KEY: 'other' }).overrides).toEqual(set);
});
