import { SignJWT } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { eventually } from '@gatehouse/testing';
import { RevocationList } from '@gatehouse/authn';
import { Clock } from '../clock.ts';
import { refusalOf, TokenHarness, tokensOf } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('revoke-token');
}, 60_000);
afterAll(() => token.stop());

const revoke = (value: string, client = token.client('demo'), hint?: string) =>
  token.postForm('/oauth/revoke', { token: value, ...(hint ? { token_type_hint: hint } : {}) }, client);
const revocations = async (key: string) => token.events({ type: 'token.revoked', key });

describe('200', () => {
  test('a refresh token goes with its whole grant: refused at once, and by the services within a second', async () => {
    const first = await token.login();
    const second = await tokensOf(await token.refresh(first.refresh_token));
    const response = await revoke(second.refresh_token);
    const acknowledged = performance.now();
    expect([response.status, await response.text()]).toEqual([200, '']);

    await eventually(async () => expect((await token.me(first.access_token)).status).toBe(401), { within: '5s' });
    expect((await token.me(second.access_token)).status).toBe(401);
    expect(performance.now() - acknowledged).toBeLessThan(1_000);
    expect(await refusalOf(await token.refresh(second.refresh_token))).toEqual([400, 'invalid_grant']);
    const [revoked] = await revocations(`grant:${first.claims.grant_id}`);
    expect(revoked?.data).toMatchObject({
      scope: 'grant',
      client_id: 'demo',
      account_id: first.accountId,
      reason: 'requested',
    });
  });

  test('negative control: a service that does not follow revocations goes on taking the token', async () => {
    const list = token.part(RevocationList);
    const covers = list.covers.bind(list);
    list.covers = () => false;
    try {
      const { access_token, refresh_token, claims } = await token.login();
      await revoke(refresh_token);
      const { sub: id, client_id: clientId, jti, grant_id: grantId, iat: issuedAt = 0, exp: expiresAt = 0 } = claims;
      const principal = { kind: 'account', id, clientId, jti, grantId, issuedAt, expiresAt, scope: [] } as const;
      await eventually(() => covers({ principal, kid: '' }), { within: '5s' });
      expect((await token.me(access_token)).status).toBe(200);
    } finally {
      list.covers = covers;
    }
  });

  test('a revocation outlives the last access token of its grant, clocks that differ included', async () => {
    const { refresh_token, claims } = await token.login();
    await revoke(refresh_token);
    const [revoked] = await revocations(`grant:${claims.grant_id}`);
    expect(Date.parse(String(revoked?.data?.['expires_at'])) / 1_000).toBeGreaterThanOrEqual((claims.exp ?? 0) + 30);
  });

  test('an access token goes alone: its grant may be refreshed', async () => {
    const { access_token, refresh_token, claims } = await token.login();
    expect((await revoke(access_token)).status).toBe(200);
    await eventually(async () => expect((await token.me(access_token)).status).toBe(401), { within: '5s' });
    const next = await tokensOf(await token.refresh(refresh_token));
    expect((await token.me(next.access_token)).status).toBe(200);
    expect((await revocations(`jti:${claims.jti}`))[0]?.data).toMatchObject({ scope: 'jti', id: claims.jti });
  });

  test('an access token that has expired here is revoked all the same while a clock that is behind still takes it', async () => {
    const clock = token.part(Clock);
    const now = clock.now.bind(clock);
    const revokedAfterExpiry = async (seconds: number) => {
      const { access_token, claims } = await token.login();
      clock.now = () => new Date(((claims.exp ?? 0) + seconds) * 1_000);
      await revoke(access_token).finally(() => (clock.now = now));
      return (await revocations(`jti:${claims.jti}`)).length;
    };
    expect([await revokedAfterExpiry(30), await revokedAfterExpiry(90)]).toEqual([1, 0]);
  });

  test("a client's own token belongs to no account", async () => {
    const admin = token.client('admin');
    const own = await tokensOf(await token.postForm('/oauth/token', { grant_type: 'client_credentials' }, admin));
    await revoke(own.access_token, admin);
    expect((await revocations(`jti:${own.claims.jti}`))[0]?.data).toMatchObject({
      account_id: null,
      client_id: 'admin',
    });
    await eventually(async () => expect((await token.me(own.access_token)).status).toBe(401), { within: '5s' });
  });

  test('revoking again, also at the same time, writes nothing', async () => {
    const { refresh_token, access_token, claims } = await token.login();
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => [revoke(refresh_token), revoke(access_token)]).flat(),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(await revocations(`grant:${claims.grant_id}`)).toHaveLength(1);
    expect(await revocations(`jti:${claims.jti}`)).toHaveLength(1);
  });

  test("another client's tokens stay, and the answer does not tell that they exist", async () => {
    const { refresh_token, access_token, claims } = await token.login();
    const admin = token.client('admin');
    for (const value of [refresh_token, access_token, 'gh_refresh_made-up', 'a.b.c', 'nonsense']) {
      const response = await revoke(value, admin);
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
    expect(await revocations(`grant:${claims.grant_id}`)).toEqual([]);
    expect(await revocations(`jti:${claims.jti}`)).toEqual([]);
    expect((await token.me(access_token)).status).toBe(200);
  });

  test('a forged access token revokes nothing', async () => {
    const { claims } = await token.login();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { keys } = (await (await token.get('/oauth/jwks')).json()) as { keys: { kid: string }[] };
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: keys[0]?.kid ?? '' })
      .sign(privateKey);
    const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${forged.split('.')[1]}.`;
    for (const value of [forged, none]) expect((await revoke(value)).status).toBe(200);
    expect(await revocations(`jti:${claims.jti}`)).toEqual([]);
  });

  test('a wrong hint is no obstacle (RFC 7009 2.1)', async () => {
    const { refresh_token, access_token, claims } = await token.login();
    await revoke(refresh_token, undefined, 'access_token');
    await revoke(access_token, undefined, 'something else');
    expect(await revocations(`grant:${claims.grant_id}`)).toHaveLength(1);
    expect(await revocations(`jti:${claims.jti}`)).toHaveLength(1);
  });

  test('a refresh that races the revocation either comes first or is refused; no token survives', async () => {
    const { refresh_token } = await token.login();
    const [refreshed] = await Promise.all([token.refresh(refresh_token), revoke(refresh_token)]);
    if (refreshed.status !== 200) return expect(await refusalOf(refreshed)).toEqual([400, 'invalid_grant']);
    const { access_token, refresh_token: successor } = await tokensOf(refreshed);
    expect(await refusalOf(await token.refresh(successor))).toEqual([400, 'invalid_grant']);
    await eventually(async () => expect((await token.me(access_token)).status).toBe(401), { within: '5s' });
  });
});

test('400 and 401: a missing token, and a client that cannot prove itself', async () => {
  expect(await refusalOf(await token.postForm('/oauth/revoke', {}, token.client('demo')))).toEqual([
    400,
    'invalid_request',
  ]);
  const { refresh_token, claims } = await token.login();
  expect(await refusalOf(await token.postForm('/oauth/revoke', { token: refresh_token }))).toEqual([
    401,
    'invalid_client',
  ]);
  const wrong = { id: 'demo', secret: 'wrong' };
  const response = await token.postForm('/oauth/revoke', { token: refresh_token }, wrong);
  expect(await refusalOf(response)).toEqual([401, 'invalid_client']);
  expect(await revocations(`grant:${claims.grant_id}`)).toEqual([]);
});
