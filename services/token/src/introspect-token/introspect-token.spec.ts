import { LoadedRevocations, RevocationFreshness, RevocationSync } from '@gatehouse/authn';
import { eventually } from '@gatehouse/testing';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { DpopKey } from '../dpop-key.spec-support.ts';
import { basic, TokenHarness, tokensOf, type Tokens } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('introspect-token');
  await token.seed({
    clients: [
      { id: 'other', secret: 'o'.repeat(43), grant_types: ['client_credentials'] },
      {
        id: 'app',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['https://app.example/cb'],
        grant_types: ['authorization_code'],
      },
    ],
  });
}, 60_000);
afterAll(() => token.stop());

type Caller = { id: string; secret: string };
const introspect = async (value: string, caller: Caller = token.client('demo')): Promise<Record<string, unknown>> => {
  const response = await token.postForm('/oauth/introspect', { token: value }, caller);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return (await response.json()) as Record<string, unknown>;
};
const authorization = () => token.client('authorization');
const forAuthorization = (): Promise<Tokens> => token.login({ resource: token.suite.url('authorization') });

test('the client of a token learns what it says', async () => {
  const { access_token, claims } = await token.login();
  expect(await introspect(access_token)).toEqual({
    active: true,
    token_type: 'Bearer',
    iss: token.issuer,
    aud: token.issuer,
    sub: claims.sub,
    client_id: 'demo',
    scope: 'openid email',
    iat: claims.iat,
    exp: claims.exp,
    jti: claims.jti,
    sid: claims.sid,
    grant_id: claims.grant_id,
    auth_time: expect.any(Number) as number,
    acr: claims['acr'],
  });
});

test('so does the service in its audience, and nobody else: not another client, not another service', async () => {
  const { access_token, refresh_token } = await forAuthorization();
  expect(await introspect(access_token, authorization())).toMatchObject({ active: true, client_id: 'demo' });
  expect(await introspect(access_token, token.client('audit-log'))).toEqual({ active: false });
  expect(await introspect(access_token, { id: 'other', secret: 'o'.repeat(43) })).toEqual({ active: false });
  expect(await introspect(refresh_token, authorization())).toEqual({ active: false });
});

test('a refresh token is active to its client until its first use', async () => {
  const { refresh_token, claims } = await token.login();
  expect(await introspect(refresh_token)).toMatchObject({ active: true, token_type: 'refresh_token', sub: claims.sub });
  await token.refresh(refresh_token);
  expect(await introspect(refresh_token)).toEqual({ active: false });
});

test.each([
  ['something made up', () => 'abc'],
  ['a JWT that nobody signed', () => 'eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.'],
  ['an empty one', () => '.'],
])('%s is inactive', async (_, value) => {
  expect(await introspect(value())).toEqual({ active: false });
});

test('an ID token is no access token', async () => {
  expect(await introspect((await token.login()).id_token)).toEqual({ active: false });
});

test('a revoked token is inactive within a second, with its grant', async () => {
  const { access_token, refresh_token } = await token.login();
  expect(await introspect(access_token)).toMatchObject({ active: true });
  await token.postForm('/oauth/revoke', { token: refresh_token }, token.client('demo'));
  await eventually(async () => expect(await introspect(access_token)).toEqual({ active: false }), { within: '5s' });
  expect(await introspect(refresh_token)).toEqual({ active: false });
});

test('without a proof of who asks there is no answer, and a public client proves nothing', async () => {
  const { access_token } = await token.login();
  expect((await token.postForm('/oauth/introspect', { token: access_token })).status).toBe(401);
  const response = await token.postForm('/oauth/introspect', { token: access_token, client_id: 'app' });
  expect(await response.json()).toEqual({ active: false });
  expect((await token.postForm('/oauth/introspect', {}, token.client('demo'))).status).toBe(400);
});

describe('as a JWT (RFC 9701)', () => {
  const JWT = 'application/token-introspection+jwt';
  const ask = (value: string, { id, secret }: Caller, accept = JWT) =>
    fetch(`${token.issuer}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: basic(id, secret), accept },
      body: new URLSearchParams({ token: value }),
    });
  const verified = async (response: Response, audience: string, algorithm = 'ES256') => {
    expect([response.status, response.headers.get('content-type')]).toEqual([200, JWT]);
    const keys = createLocalJWKSet((await (await token.get('/oauth/jwks')).json()) as JSONWebKeySet);
    const expected = { issuer: token.issuer, audience, typ: 'token-introspection+jwt', algorithms: [algorithm] };
    return (await jwtVerify(await response.text(), keys, expected)).payload;
  };

  test('it says the same as JSON, to the caller alone, and cannot be taken for a token', async () => {
    const { access_token } = await forAuthorization();
    const response = await ask(access_token, authorization());
    expect(response.headers.get('vary')?.toLowerCase()).toContain('accept');
    const jwt = await response.clone().text();
    const payload = await verified(response, 'authorization');
    expect(payload).toEqual({
      iss: token.issuer,
      aud: 'authorization',
      iat: expect.any(Number) as number,
      token_introspection: await introspect(access_token, authorization()),
    });
    expect(await introspect(jwt, authorization())).toEqual({ active: false });
    expect((await token.me(jwt)).status).toBe(401);
  });

  test.each(['RS256', 'PS256', 'EdDSA'])('signed with %s where the caller registered that', async (algorithm) => {
    const caller = { id: `signed-${algorithm}`, secret: 's'.repeat(43) };
    const client = { ...caller, grant_types: ['client_credentials'], introspection_signed_response_alg: algorithm };
    await token.seed({ clients: [client] });
    const own = await tokensOf(await token.postForm('/oauth/token', { grant_type: 'client_credentials' }, caller));
    const payload = await verified(await ask(own.access_token, caller), caller.id, algorithm);
    expect(payload['token_introspection']).toMatchObject({ active: true, sub: caller.id });
  });

  test('whoever has no business with the token learns as little', async () => {
    const { access_token } = await forAuthorization();
    const payload = await verified(await ask(access_token, token.client('audit-log')), 'audit-log');
    expect(payload['token_introspection']).toEqual({ active: false });
  });

  test('only who asks for it by name gets one', async () => {
    const { access_token } = await forAuthorization();
    for (const accept of ['*/*', 'application/json', `application/json, ${JWT};q=0.1`]) {
      const response = await ask(access_token, authorization(), accept);
      expect(response.headers.get('content-type')).toContain('application/json');
      expect(await response.json()).toMatchObject({ active: true });
    }
  });
});

test('a bound token is told with its key and how it is used', async () => {
  const key = await DpopKey.make();
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const bound = await tokensOf(await key.post(`${token.issuer}/oauth/token`, body, token.client('admin')));
  expect(await introspect(bound.access_token, token.client('admin'))).toMatchObject({
    active: true,
    token_type: 'DPoP',
    cnf: { jkt: key.jkt },
  });
});

describe('an instance that does not know which tokens were revoked', () => {
  const cutOff = async (check: (ask: (value: string) => Promise<Response>, off: () => void) => Promise<void>) => {
    const instance = await token.another();
    const part = <T>(type: abstract new (...args: never[]) => T): T => instance.app.get<T>(type, { strict: false });
    try {
      await part(RevocationSync).stop();
      part(RevocationFreshness).forget();
      const { id, secret } = token.client('demo');
      const ask = (value: string) =>
        fetch(`${instance.url}/oauth/introspect`, {
          method: 'POST',
          headers: { authorization: basic(id, secret) },
          body: new URLSearchParams({ token: value }),
        });
      await check(ask, () => {
        part(LoadedRevocations).require = () => undefined;
      });
    } finally {
      await instance.close();
    }
  };

  test('answers 503 with Retry-After about an access token; negative control: without the check it says active', async () => {
    const { access_token } = await token.login();
    await cutOff(async (ask, off) => {
      const stale = await ask(access_token);
      expect(stale.status).toBe(503);
      expect(stale.headers.get('retry-after')).toBe('1');
      expect(await stale.text()).not.toContain('active');
      off();
      expect(await (await ask(access_token)).json()).toMatchObject({ active: true });
    });
  });

  test('still answers about a refresh token, which the database knows', async () => {
    const { refresh_token } = await token.login();
    await cutOff(async (ask) => {
      expect(await (await ask(refresh_token)).json()).toMatchObject({ active: true, token_type: 'refresh_token' });
    });
  });
});
