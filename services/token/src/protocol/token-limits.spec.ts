import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultProxy, createSuite, eventually, type Suite } from '@gatehouse/testing';
import { authorizationPath, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { basic, refusalOf, TokenHarness, tokensOf } from '../token.spec-support.ts';
import { ClientAuthentication } from './client-authentication.ts';
import { TokenLimits } from './token-limits.ts';

/** Those of production, with less for the login; a window of an hour, so that nothing comes back during a test. */
const rules = `rules:
  - { endpoint: '*', clients: [admin], limit: unlimited }
  - { endpoint: /oauth/*, key: failed-ip, limit: 100, window: 1h, burst: 100 }
  - { endpoint: /login, key: account, limit: 3, window: 1h, burst: 3 }
  - { endpoint: /oauth/token, limit: 10, window: 1h, burst: 20 }
  - { endpoint: /api/*, limit: 100, window: 1h, burst: 150 }
`;

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-limits-'));
const rulesFile = join(folder, 'rules.yaml');

let platform: Suite;
let proxy: FaultProxy;
let token: TokenHarness;
beforeAll(async () => {
  writeFileSync(rulesFile, rules);
  // Only for its Redis database: the address of it leads through a proxy.
  platform = await createSuite('token-limits-redis');
  const redisUrl = new URL(platform.env('token').STATE_REDIS_URL ?? '');
  proxy = await FaultProxy.start({ port: Number(redisUrl.port) });
  redisUrl.port = String(proxy.port);
  token = await TokenHarness.start('token-limits', {
    RATE_LIMIT_RULES_FILE: rulesFile,
    STATE_REDIS_URL: redisUrl.href,
    TRUSTED_PROXIES: '127.0.0.0/8',
  });
}, 60_000);
afterAll(async () => {
  await token.stop();
  await proxy.stop();
  await platform.dispose();
  rmSync(folder, { recursive: true });
});

let clients = 0;
/** A client whose buckets are full. */
async function newClient(): Promise<{ id: string; secret: string }> {
  const client = { id: `limited-${(clients += 1)}`, secret: 's'.repeat(43) };
  await token.seed({ clients: [{ ...client, grant_types: ['client_credentials'] }] });
  return client;
}

/** A request for a token from an address of the documentation's networks. */
function ask({ id, secret }: { id: string; secret: string }, ip = '192.0.2.1'): Promise<Response> {
  return fetch(`${token.issuer}/oauth/token`, {
    method: 'POST',
    headers: { authorization: basic(id, secret), 'x-forwarded-for': ip },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
}

async function statusesOf(count: number, send: () => Promise<Response>): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (let i = 0; i < count; i += 1) {
    const { status } = await send();
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

describe('a client’s own tokens', () => {
  test('are 20 at once; then 429 with Retry-After, in the shape of OAuth, and what is left in every answer', async () => {
    const client = await newClient();
    const first = await ask(client);
    expect(first.headers.get('ratelimit-policy')).toBe('"default";q=10;w=3600');
    expect(first.headers.get('ratelimit')).toMatch(/^"default";r=10;t=3\d\d$/);
    expect(await statusesOf(19, () => ask(client))).toEqual({ 200: 19 });
    const refused = await ask(client, '203.0.113.1');
    expect(refused.headers.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(300);
    expect(await refusalOf(refused)).toEqual([429, 'temporarily_unavailable']);
  });

  test('are not limited where a rule says so for the client', async () => {
    expect(await statusesOf(30, () => ask(token.client('admin')))).toEqual({ 200: 30 });
  });
});

describe('failed client authentication', () => {
  const wrong = 'w'.repeat(43);

  test('is refused by 429 once the client’s failures in one network are used up, the right secret too; elsewhere it works', async () => {
    const { id, secret } = await newClient();
    expect(await statusesOf(22, () => ask({ id, secret: wrong }))).toEqual({ 401: 20, 429: 2 });
    expect((await ask({ id, secret })).status).toBe(429);
    expect((await ask({ id, secret }, '192.0.2.200')).status).toBe(429);
    expect((await ask({ id, secret }, '198.51.100.1')).status).toBe(200);
  });

  test('an unknown client and a wrong secret are throttled alike', async () => {
    const { id } = await newClient();
    const unknown = await statusesOf(22, () => ask({ id: 'nobody-knows', secret: wrong }, '198.51.100.9'));
    expect(unknown).toEqual(await statusesOf(22, () => ask({ id, secret: wrong }, '198.51.100.9')));
    const [one, other] = await Promise.all(
      ['nobody-knows', id].map((name) => ask({ id: name, secret: wrong }, '198.51.100.9')),
    );
    expect(await one?.json()).toEqual(await other?.json());
  });

  /** Whether a client with the right secret is still let in after 30 good authentications. */
  async function staysWelcome(): Promise<boolean> {
    const { id, secret } = await newClient();
    const authentication = token.part(ClientAuthentication);
    for (let i = 0; i < 30; i += 1) {
      const presented = { client_id: id, client_secret: secret };
      const failure = await authentication.authenticate(presented).then(() => null, () => 'refused'); // prettier-ignore
      if (failure) return false;
    }
    return true;
  }

  test('successes cost nothing', async () => {
    expect(await staysWelcome()).toBe(true);
  });

  test('negative control: counting successes as failures would lock a good client out, and the same check sees it', async () => {
    const limits = token.part(TokenLimits);
    const authentication = token.part(ClientAuthentication);
    const authenticate = authentication.authenticate.bind(authentication);
    authentication.authenticate = async (presented) => {
      const client = await authenticate(presented);
      await limits.failedAuthentication(client.id);
      return client;
    };
    try {
      expect(await staysWelcome()).toBe(false);
    } finally {
      authentication.authenticate = authenticate;
    }
  });
});

describe('a grant', () => {
  test('50 parallel refreshes of one token are one refresh, with the limits of production', async () => {
    const { refresh_token } = await token.login();
    const responses = await Promise.all(Array.from({ length: 50 }, () => token.refresh(refresh_token)));
    const successors = await Promise.all(responses.map(async (one) => (await tokensOf(one)).refresh_token));
    expect(new Set(successors).size).toBe(1);
    expect((await token.refresh(successors[0] ?? '')).headers.get('ratelimit')).toMatch(/r=10;/);
  });

  test('refreshes 20 times at once, then it is refused, and nothing is rotated or revoked by that', async () => {
    let { refresh_token } = await token.login();
    let response = await token.refresh(refresh_token);
    let refreshes = 0;
    for (; response.status === 200; refreshes += 1) {
      ({ refresh_token } = await tokensOf(response));
      response = await token.refresh(refresh_token);
    }
    // The exchange of the code was the first of the twenty.
    expect(refreshes).toBe(19);
    expect(await refusalOf(response)).toEqual([429, 'temporarily_unavailable']);
    writeFileSync(rulesFile, 'rules: []');
    try {
      await eventually(async () => expect((await token.refresh(refresh_token)).status).toBe(200), { within: '3s' });
    } finally {
      writeFileSync(rulesFile, rules);
      const client = await newClient();
      const limited = async () => (await ask(client)).headers.get('ratelimit') !== null;
      await eventually(limited, { within: '3s' });
    }
  });
});

test('attempts to log in are limited for an account, whether or not it exists, with a page that says so', async () => {
  const { email } = await token.account();
  for (const address of [email, 'nobody@example.com']) {
    const browser = new TestBrowser(token.issuer);
    const page = await browser.openLogin(authorizationPath(token.client('demo'), newPkce()));
    const attempt = () => browser.submit(page, { email: address, password: 'wrong password' });
    const outcomes = [await attempt(), await attempt(), await attempt(), await attempt()];
    expect(outcomes.map(({ status }) => status)).toEqual([403, 403, 403, 429]);
    expect(outcomes[3]?.headers.get('content-type')).toMatch(/^text\/html/);
    expect(Number(outcomes[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
  }
});

test('the API is limited by network for callers without a token, as a problem (RFC 9457), and told in every answer', async () => {
  const send = () => token.get('/api/v1/me', { 'x-forwarded-for': '203.0.113.77' });
  expect((await send()).headers.get('ratelimit-policy')).toBe('"default";q=100;w=3600');
  expect(await statusesOf(149, send)).toEqual({ 401: 149 });
  const refused = await send();
  expect(refused.status).toBe(429);
  expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(await refused.json()).toMatchObject({ code: 'too-many-requests', status: 429 });
});

test('without Redis the service stays ready, answers, and goes on limiting', async () => {
  const client = await newClient();
  proxy.cut();
  try {
    expect(await statusesOf(22, () => ask(client))).toEqual({ 200: 20, 429: 2 });
    expect(token.service.health.readiness()).toEqual({ ready: true, failing: [] });
  } finally {
    proxy.restore();
  }
});
