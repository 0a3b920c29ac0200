import { randomBytes } from 'node:crypto';
import { ConfigError, describeSettings, loadConfig } from '@gatehouse/config';
import { tokenConfig, TokenSettings } from './config.ts';

const valid = {
  GATEHOUSE_ENV: 'testing',
  SERVICE_URL: 'http://127.0.0.1:4001',
  ISSUER: 'http://127.0.0.1:4001',
  TOKEN_DATABASE_URL: 'postgres://token:pw@127.0.0.1:5432/token',
  KAFKA_BROKERS: '127.0.0.1:9092',
  KAFKA_USERNAME: 'token',
  KAFKA_PASSWORD: randomBytes(32).toString('base64url'),
  STATE_REDIS_URL: 'redis://token:password@127.0.0.1:6379/0',
  RESOURCES: 'authorization=http://127.0.0.1:4002, audit-log=http://127.0.0.1:4003',
  SIGNING_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  COOKIE_KEY: randomBytes(32).toString('base64url'),
  DPOP_NONCE_KEY: randomBytes(32).toString('base64'),
  SERVICE_CLIENT_ID: 'token',
  SERVICE_CLIENT_SECRET: randomBytes(32).toString('base64url'),
  AUTHORIZATION_URL: 'http://127.0.0.1:4002',
};

function problemsOf(changes: Record<string, string>): string[] {
  try {
    loadConfig(tokenConfig, { ...valid, ...changes });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable }) => variable);
  }
}

test('the services of the platform are declared by name; the issuer is none of them, whatever they say', () => {
  const RESOURCES = `${valid.RESOURCES},token=http://127.0.0.1:4009`;
  const { declaredResources } = new TokenSettings(loadConfig(tokenConfig, { ...valid, RESOURCES }));
  expect([...declaredResources]).toEqual([
    ['authorization', 'http://127.0.0.1:4002'],
    ['audit-log', 'http://127.0.0.1:4003'],
  ]);
});

test.each([
  ['no name', { RESOURCES: 'http://127.0.0.1:4002' }, 'RESOURCES'],
  ['no URL', { RESOURCES: 'authorization=4002' }, 'RESOURCES'],
  [
    'a key of another size',
    { SIGNING_KEY_ENCRYPTION_KEY: randomBytes(16).toString('base64') },
    'SIGNING_KEY_ENCRYPTION_KEY',
  ],
  ['a short cookie key', { COOKIE_KEY: 'short' }, 'COOKIE_KEY'],
  [
    'a previous key of another size',
    { SIGNING_KEY_PREVIOUS_ENCRYPTION_KEYS: randomBytes(16).toString('base64') },
    'SIGNING_KEY_PREVIOUS_ENCRYPTION_KEYS',
  ],
  ['an unknown algorithm', { SIGNING_ALGORITHMS: 'ES256,HS256' }, 'SIGNING_ALGORITHMS'],
  ['no ES256', { SIGNING_ALGORITHMS: 'RS256' }, 'SIGNING_ALGORITHMS'],
  ['the same algorithm twice', { SIGNING_ALGORITHMS: 'ES256,ES256' }, 'SIGNING_ALGORITHMS'],
  ['keys that sign for a minute', { SIGNING_KEY_LIFETIME_MS: '60000' }, 'SIGNING_KEY_LIFETIME_MS'],
  ['a grace window of an hour', { REFRESH_GRACE_MS: '3600000' }, 'REFRESH_GRACE_MS'],
  ['an http issuer that is not loopback', { ISSUER: 'http://id.example' }, 'ISSUER'],
])('%s is refused by name', (_, changes, variable) => {
  expect(problemsOf(changes)).toEqual([variable]);
});

test('registration is closed unless told, and production refuses to open it to anyone', () => {
  expect(loadConfig(tokenConfig, valid)).toMatchObject({
    CLIENT_REGISTRATION: 'closed',
    CLIENT_REGISTRATION_PKCE_REQUIRED: true,
  });
  const production = {
    GATEHOUSE_ENV: 'production',
    SERVICE_URL: 'https://id.example',
    ISSUER: 'https://id.example',
    AUTHORIZATION_URL: 'https://authz.example',
  };
  const findings = (registration: string) => problemsOf({ ...production, CLIENT_REGISTRATION: registration });
  expect(findings('open')).toContain('CLIENT_REGISTRATION');
  for (const safe of ['initial_access_token', 'closed']) expect(findings(safe)).not.toContain('CLIENT_REGISTRATION');
});

test('no key has a default, and none can be printed', () => {
  const required = describeSettings(tokenConfig).filter((one) => one.required);
  expect(required.map(({ variable }) => variable)).toEqual(
    expect.arrayContaining(['SIGNING_KEY_ENCRYPTION_KEY', 'COOKIE_KEY', 'TOKEN_DATABASE_URL', 'KAFKA_PASSWORD']),
  );
  const SIGNING_KEY_PREVIOUS_ENCRYPTION_KEYS = randomBytes(32).toString('base64');
  const printed = JSON.stringify(loadConfig(tokenConfig, { ...valid, SIGNING_KEY_PREVIOUS_ENCRYPTION_KEYS }));
  expect(printed).not.toContain(SIGNING_KEY_PREVIOUS_ENCRYPTION_KEYS);
  for (const secret of [valid.SIGNING_KEY_ENCRYPTION_KEY, valid.COOKIE_KEY, valid.KAFKA_PASSWORD])
    expect(printed).not.toContain(secret);
});
