import { inspect } from 'node:util';
import {
  auditHardening,
  ConfigError,
  defineConfig,
  describeSettings,
  integer,
  listOf,
  loadConfig,
  network,
  Secret,
  secret,
  secretUrl,
  serviceSettings,
  setting,
  settings,
  type AnySettings,
  type Environment,
} from './index.ts';

const store = settings(
  {
    STORE_URL: setting(secretUrl(['postgres:']), {
      example: 'postgres://app:PASSWORD@db/app',
      description: 'The database.',
    }),
    POOL_MIN: setting(integer().default(1), { example: '1', description: 'Connections kept open.' }),
    POOL_MAX: setting(integer({ min: 1, max: 100 }).default(10), { example: '10', description: 'Most connections.' }),
    SIGNING_SECRET: setting(secret({ minLength: 20 }), {
      example: 'FROM-THE-GUIDE-FROM-THE-GUIDE',
      description: 'Key.',
    }),
  },
  {
    rules: (config) =>
      config.POOL_MIN > config.POOL_MAX ? [{ variable: 'POOL_MIN', problem: 'is larger than POOL_MAX' }] : [],
    hardening: (config) => (config.POOL_MAX < 5 ? ['POOL_MAX is too small for traffic'] : []),
  },
);
const service = defineConfig(serviceSettings({ port: 4001, adminPort: 4101 }), store);

const valid = {
  GATEHOUSE_ENV: 'production',
  SERVICE_URL: 'https://token.gatehouse.dev',
  ISSUER: 'https://id.gatehouse.dev',
  STORE_URL: 'postgres://app:Vq3m8Zt1kPw7Lx@db/app',
  SIGNING_SECRET: 'n7Qe2Rz9Yb4Uc6Xd1Wf5',
};

function problemsOf(
  variables: Record<string, string | undefined>,
  config: AnySettings = service,
): Record<string, string> {
  try {
    loadConfig(config, variables);
    return {};
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ variable, problem }) => [variable, problem]));
  }
}

test('a valid configuration is parsed into values, with its defaults, and frozen', () => {
  const config = loadConfig(service, {
    ...valid,
    PORT: '80',
    LOG_LEVEL: 'WARNING',
    TRUSTED_PROXIES: '10.0.0.0/8, ::1',
  });
  expect(config).toMatchObject({
    PORT: 80,
    ADMIN_PORT: 4101,
    LOG_LEVEL: 'warn',
    TRUSTED_PROXIES: ['10.0.0.0/8', '::1'],
  });
  expect(config.STORE_URL).toBeInstanceOf(Secret);
  expect(Object.isFrozen(config)).toBe(true);
});

test('every problem is reported at once: missing, malformed, and across settings', () => {
  const problems = problemsOf({
    ...valid,
    ISSUER: undefined,
    PORT: '70000',
    POOL_MIN: '9',
    POOL_MAX: '6',
    STORE_URL: 'x',
  });
  expect(problems).toEqual({
    ISSUER: 'is required',
    PORT: 'must be a whole number from 0 to 65535',
    STORE_URL: 'must be a URL that starts with postgres://',
    POOL_MIN: 'is larger than POOL_MAX',
  });
});

test('the error shows each variable, its problem and an example that can be copied', () => {
  expect(() => loadConfig(service, { ...valid, ISSUER: '' })).toThrow(
    'ISSUER is required. Example: ISSUER=https://id.example.com',
  );
});

test('the error never shows a given value, which might be a secret in the wrong variable', () => {
  const leaked = 'hunter2-hunter2-hunter2';
  try {
    loadConfig(service, { ...valid, PORT: leaked, GATEHOUSE_ENV: leaked, STORE_URL: leaked, SIGNING_SECRET: 'short' });
    throw new Error('it was accepted');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(inspect(error, { depth: null })).not.toContain('hunter2');
  }
});

test('an empty variable counts as unset', () => {
  expect(loadConfig(service, { ...valid, PORT: '' }).PORT).toBe(4001);
  expect(problemsOf({ ...valid, SIGNING_SECRET: ' ' })).toEqual({ SIGNING_SECRET: 'is required' });
});

test('a rule that reads a wrong setting is left out, and the other rules still run', () => {
  const config = defineConfig(service, settings({}, { rules: () => [{ variable: 'ALWAYS', problem: 'is reported' }] }));
  expect(problemsOf({ ...valid, POOL_MAX: 'many', POOL_MIN: '50' }, config)).toEqual({
    POOL_MAX: 'must be a whole number from 1 to 100',
    ALWAYS: 'is reported',
  });
});

test('two fragments cannot declare the same variable', () => {
  expect(() => defineConfig(store, store)).toThrow('STORE_URL is declared twice');
});

test('no secret has a default', () => {
  const optional = describeSettings(service).filter(({ variable }) => /SECRET|STORE_URL/.test(variable));
  expect(optional.map(({ required, default: value }) => ({ required, value }))).toEqual([
    { required: true, value: undefined },
    { required: true, value: undefined },
  ]);
});

test('the described default is the one that applies', () => {
  const config: Readonly<Record<string, unknown>> = loadConfig(service, { ...valid, GATEHOUSE_ENV: 'testing' });
  for (const { variable, default: value } of describeSettings(service)) {
    if (value !== undefined) expect(String(config[variable])).toBe(value);
  }
});

describe('the hardening audit', () => {
  const unsafe: readonly [string, Record<string, string>, Record<string, string>][] = [
    ['a service without TLS', { SERVICE_URL: 'http://token.gatehouse.dev' }, { SERVICE_URL: 'is not https' }],
    ['an issuer on loopback', { ISSUER: 'http://127.0.0.1:4001' }, { ISSUER: 'is a loopback address' }],
    ['trust in every proxy', { TRUSTED_PROXIES: '0.0.0.0/0' }, { TRUSTED_PROXIES: 'trusts everybody' }],
    ['a kill point', { GATEHOUSE_KILL_POINT: 'before-commit' }, { GATEHOUSE_KILL_POINT: 'is set' }],
    ["a library's own rule", { POOL_MAX: '2' }, { POOL_MAX: 'is too small for traffic' }],
    ['a placeholder', { SIGNING_SECRET: 'change-me-change-me-change' }, { SIGNING_SECRET: 'is a placeholder' }],
    [
      'the documented example',
      { SIGNING_SECRET: 'FROM-THE-GUIDE-FROM-THE-GUIDE' },
      { SIGNING_SECRET: 'is a placeholder' },
    ],
    ['a weak password in a URL', { STORE_URL: 'postgres://app:password@db/app' }, { STORE_URL: 'is a placeholder' }],
    ['one value for two secrets', { SIGNING_SECRET: 'n7Qe2Rz9Yb4Uc6Xd1Wf5', STORE_URL: 'postgres://app:n7Qe2Rz9Yb4Uc6Xd1Wf5@db/app' }, { SIGNING_SECRET: 'has the same value as STORE_URL' }], // prettier-ignore
  ];

  test.each(unsafe)('refuses %s in production', (_what, change, expected) => {
    const found = Object.entries(expected).map(([name, problem]) => [name, `${problem} (unsafe in production)`]);
    expect(problemsOf({ ...valid, ...change })).toEqual(Object.fromEntries(found));
  });

  test.each(['development', 'testing', 'staging'] satisfies Environment[])(
    'refuses none of that in %s',
    (environment) => {
      for (const [, change] of unsafe)
        expect(problemsOf({ ...valid, ...change, GATEHOUSE_ENV: environment })).toEqual({});
    },
  );

  test('tells staging what production would refuse', () => {
    const config = loadConfig(service, { ...valid, GATEHOUSE_ENV: 'staging', POOL_MAX: '2' });
    expect(auditHardening(service, config)).toEqual(['POOL_MAX is too small for traffic']);
  });

  test('passes a safe production', () => {
    expect(problemsOf(valid)).toEqual({});
  });
});

test.each(['10.0.0.0/33', '10.0.0/8', 'proxy.internal', '::1/129', '10.0.0.1/8/8', ''])('%p is no network', (text) => {
  expect(listOf(network()).safeParse(text).success).toBe(false);
});

test('an issuer is https, or http on loopback, without a slash at the end', () => {
  const issuerProblem = (ISSUER: string) => problemsOf({ ...valid, GATEHOUSE_ENV: 'testing', ISSUER })['ISSUER'];
  expect(issuerProblem('http://127.0.0.1:4001')).toBeUndefined();
  expect(issuerProblem('http://localhost:4001')).toBeUndefined();
  expect(issuerProblem('http://id.example.com')).toBe('must be https; http is for loopback only');
  expect(issuerProblem('http://127.0.0.1.example.com')).toBe('must be https; http is for loopback only');
  expect(issuerProblem('https://id.example.com/')).toBe('must have no query, fragment or slash at the end');
});
