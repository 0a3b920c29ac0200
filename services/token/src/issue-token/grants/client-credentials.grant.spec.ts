import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Outbox } from '@gatehouse/messaging';
import { eventually } from '@gatehouse/testing';
import { refusalOf, TokenHarness, tokensOf } from '../../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('client-credentials');
}, 60_000);
afterAll(() => token.stop());

const post = (form: Record<string, string | string[]> = {}, client = token.client('admin')) =>
  token.postForm('/oauth/token', { grant_type: 'client_credentials', ...form }, client);

describe('200', () => {
  test('an access token as RFC 9068 says, for ten minutes, that anyone can verify by the JWKS', async () => {
    const { access_token, expires_in } = await tokensOf(await post());
    const keys = createRemoteJWKSet(new URL(`${token.issuer}/oauth/jwks`));
    const { payload, protectedHeader } = await jwtVerify(access_token, keys, { issuer: token.issuer, typ: 'at+jwt' });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) as string });
    expect(payload).toEqual({
      iss: token.issuer,
      sub: 'admin',
      client_id: 'admin',
      client_ver: 1,
      aud: token.issuer,
      iat: expect.any(Number) as number,
      exp: (payload.iat ?? 0) + 600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(expires_in).toBe(600);
  });

  test('it is not cached, and there is neither a refresh token nor an ID token', async () => {
    const response = await post();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(Object.keys((await response.json()) as object)).toEqual(['access_token', 'token_type', 'expires_in']);
  });

  test('the audience is what `resource` names, a trailing slash tolerated', async () => {
    const [authorization, audit] = [token.suite.url('authorization'), token.suite.url('audit-log')];
    expect((await tokensOf(await post({ resource: `${authorization}/` }))).claims.aud).toBe(authorization);
    expect((await tokensOf(await post({ resource: [authorization, audit] }))).claims.aud).toEqual([
      authorization,
      audit,
    ]);
  });

  test('the fact of it is durable before the answer leaves, and holds no token', async () => {
    const { claims, access_token } = await tokensOf(await post());
    const [issued] = (await token.events({ type: 'token.issued' })).filter(({ data }) => data?.['jti'] === claims.jti);
    expect(issued?.data).toEqual({
      jti: claims.jti,
      client_id: 'admin',
      scope: [],
      audience: [token.issuer],
      expires_at: expect.any(String) as string,
    });
    expect(Math.floor(Date.parse(String(issued?.data?.['expires_at'])) / 1_000)).toBe(claims.exp);
    expect(issued?.headers).toMatchObject({ ce_actorkind: 'client', ce_actorid: 'admin' });
    expect(JSON.stringify(issued)).not.toContain(access_token.split('.')[2]);
  });

  test('negative control: a fact that is written after the answer is caught by the same check', async () => {
    const outbox = token.part(Outbox);
    const record = outbox.record.bind(outbox);
    outbox.record = (event, data) => {
      setTimeout(() => void record(event, data), 200);
      return Promise.resolve();
    };
    try {
      const { claims } = await tokensOf(await post());
      const recorded = async () => (await token.events({ type: 'token.issued' })).map(({ data }) => data?.['jti']);
      expect(await recorded()).not.toContain(claims.jti);
      await eventually(async () => expect(await recorded()).toContain(claims.jti), { within: '5s' });
    } finally {
      outbox.record = record;
    }
  });

  test('scopes are those that the client is registered for and asks for', async () => {
    const client = {
      id: 'scoped',
      secret: 's'.repeat(43),
      grant_types: ['client_credentials'],
      scopes: ['orders:read', 'orders:write', 'openid'],
    };
    await token.seed({ clients: [client] });
    const scoped = { id: client.id, secret: client.secret, redirectUri: '' };
    expect((await tokensOf(await post({ scope: 'orders:read' }, scoped))).scope).toBe('orders:read');
    expect((await tokensOf(await post({}, scoped))).scope).toBeUndefined();
    expect(await refusalOf(await post({ scope: 'admin' }, scoped))).toEqual([400, 'invalid_scope']);
    expect(await refusalOf(await post({ scope: 'openid' }, scoped))).toEqual([400, 'invalid_scope']);
  });

  test('a hundred at once are a hundred different tokens and a hundred facts', async () => {
    const responses = await Promise.all(Array.from({ length: 100 }, () => post()));
    const jtis = await Promise.all(responses.map(async (response) => (await tokensOf(response)).claims.jti));
    expect(new Set(jtis).size).toBe(100);
    await eventually(
      async () => {
        const recorded = new Set((await token.events({ type: 'token.issued' })).map(({ data }) => data?.['jti']));
        expect(jtis.filter((jti) => !recorded.has(jti))).toEqual([]);
      },
      { within: '1s' },
    );
  });
});

describe('400', () => {
  test.each(['https://evil.example', 'authorization', 'http://127.0.0.1:1/#fragment'])(
    '%s is no target',
    async (resource) => {
      expect(await refusalOf(await post({ resource }))).toEqual([400, 'invalid_target']);
    },
  );
});
