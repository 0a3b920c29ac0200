import { createHash } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { eventually } from '@gatehouse/testing';
import { newPkce } from '../../browser.spec-support.ts';
import { AuthorizationCodes } from '../../store/authorization-codes.ts';
import { refusalOf, TokenHarness, tokensOf } from '../../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('authorization-code');
}, 60_000);
afterAll(() => token.stop());

const revocations = async (grantId: string) => token.events({ type: 'token.revoked', key: `grant:${grantId}` });

describe('200', () => {
  test('access, refresh and ID token; the grant is published under its id', async () => {
    const { claims, refresh_token, scope, accountId } = await token.login();
    expect(refresh_token).toMatch(/^gh_refresh_[\w-]{43}$/);
    expect(scope).toBe('openid email');
    expect(claims).toMatchObject({ sub: accountId, client_id: 'demo', aud: token.issuer, scope: 'openid email' });
    const [created, ...others] = await token.events({ type: 'grant.created', key: claims.grant_id });
    expect(others).toEqual([]);
    expect(created?.data).toEqual({
      grant_id: claims.grant_id,
      account_id: accountId,
      client_id: 'demo',
      session_id: claims.sid,
      jti: claims.jti,
      scope: ['openid', 'email'],
      audience: [token.issuer],
      refreshable: true,
    });
  });

  // ASVS 10.5.1
  test('the ID token says who logged in when, for whom, in answer to which request (OIDC Core 2)', async () => {
    const { id_token, access_token, claims, accountId } = await token.login({ nonce: 'n-42' });
    const keys = createRemoteJWKSet(new URL(`${token.issuer}/oauth/jwks`));
    const { payload } = await jwtVerify(id_token, keys, { issuer: token.issuer, audience: 'demo', typ: 'JWT' });
    const leftHalf = createHash('sha256').update(access_token).digest().subarray(0, 16).toString('base64url');
    expect(payload).toMatchObject({ sub: accountId, nonce: 'n-42', at_hash: leftHalf, sid: claims.sid });
    expect(Math.abs(Number(payload['auth_time']) - Date.now() / 1_000)).toBeLessThan(30);
  });

  test('without openid there is no ID token; without a registered refresh grant no refresh token', async () => {
    const redirect_uri = 'http://127.0.0.1:4999/other';
    const client = {
      id: 'codes-only',
      secret: 'c'.repeat(43),
      redirect_uris: [redirect_uri],
      grant_types: ['authorization_code'],
    };
    await token.seed({ clients: [client] });
    const { code, pkce } = await token.code(await token.account(), {
      client_id: client.id,
      redirect_uri,
      scope: undefined,
    });
    const form = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: pkce.verifier };
    const response = await token.postForm('/oauth/token', form, client);
    expect(Object.keys((await response.json()) as object)).toEqual(['access_token', 'token_type', 'expires_in']);
  });

  test('an OAuth 2.1 client says its redirect URI once, at the authorization (OAuth 2.1 10.2)', async () => {
    expect((await token.exchange(await token.code(await token.account()), { redirect_uri: '' })).status).toBe(200);
  });

  // ASVS 9.2.4
  test('the audience is what the authorization named; the token request may narrow it', async () => {
    const [authorization, audit] = [token.suite.url('authorization'), token.suite.url('audit-log')];
    const account = await token.account();
    const resource = [authorization, audit];
    expect((await tokensOf(await token.exchange(await token.code(account, { resource })))).claims.aud).toEqual(
      resource,
    );
    const narrowed = await token.exchange(await token.code(account, { resource }), { resource: audit });
    expect((await tokensOf(narrowed)).claims.aud).toBe(audit);
    const widened = await token.exchange(await token.code(account, { resource: audit }), { resource: authorization });
    expect(await refusalOf(widened)).toEqual([400, 'invalid_target']);
  });
});

describe('400', () => {
  test.each([
    ['another redirect URI', { redirect_uri: 'http://127.0.0.1:4999/callback/' }],
    ['another verifier', { code_verifier: newPkce().verifier }],
    ['no verifier', { code_verifier: '' }],
  ])('%s is invalid_grant, revokes nothing, and leaves the code to its client', async (_, changes) => {
    const issued = await token.code(await token.account());
    expect(await refusalOf(await token.exchange(issued, changes))).toEqual([400, 'invalid_grant']);
    expect((await token.exchange(issued)).status).toBe(200);
  });

  test('negative control: with PKCE off, whoever saw the code and has the client gets the tokens', async () => {
    const codes = token.part(AuthorizationCodes);
    const find = codes.find.bind(codes);
    const attacker = newPkce();
    codes.find = async (hash) => {
      const code = await find(hash);
      return code && { ...code, codeChallenge: attacker.challenge };
    };
    try {
      const issued = await token.code(await token.account());
      expect((await token.exchange(issued, { code_verifier: attacker.verifier })).status).toBe(200);
    } finally {
      codes.find = find;
    }
  });

  test('a code works for its own client only', async () => {
    const thief = {
      id: 'thief',
      secret: 't'.repeat(43),
      redirect_uris: [token.client('demo').redirectUri],
      grant_types: ['authorization_code'],
    };
    await token.seed({ clients: [thief] });
    const { code, pkce } = await token.code(await token.account());
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: token.client('demo').redirectUri,
      code_verifier: pkce.verifier,
    };
    expect(await refusalOf(await token.postForm('/oauth/token', form, thief))).toEqual([400, 'invalid_grant']);
  });

  // ASVS 10.4.3
  test('a code expires after a minute', async () => {
    const issued = await token.code(await token.account());
    const [row] = await token.sql<{ seconds: number }>(
      'SELECT extract(epoch FROM expires_at - now())::float8 AS seconds FROM authorization_code WHERE code_hash = $1',
      [createHash('sha256').update(issued.code).digest()],
    );
    expect(row?.seconds).toBeLessThanOrEqual(60);
    await token.sql('UPDATE authorization_code SET expires_at = now() WHERE consumed_at IS NULL');
    expect(await refusalOf(await token.exchange(issued))).toEqual([400, 'invalid_grant']);
  });

  test('no code is stored in a form that could be used', async () => {
    const { code } = await token.code(await token.account());
    const rows = await token.sql('SELECT t::text FROM authorization_code t');
    expect(JSON.stringify(rows)).not.toContain(code);
  });
});

// ASVS 10.4.2
describe('a code that is used twice', () => {
  test('by its client with the right verifier: refused, and what the first use gave is revoked', async () => {
    const issued = await token.code(await token.account());
    const first = await tokensOf(await token.exchange(issued));
    expect((await token.me(first.access_token)).status).toBe(200);
    expect(await refusalOf(await token.exchange(issued))).toEqual([400, 'invalid_grant']);

    const [revoked, ...others] = await revocations(first.claims.grant_id);
    expect(others).toEqual([]);
    expect(revoked?.data).toMatchObject({ scope: 'grant', reason: 'reuse_detected', client_id: 'demo' });
    expect(await refusalOf(await token.refresh(first.refresh_token))).toEqual([400, 'invalid_grant']);
    await eventually(async () => expect((await token.me(first.access_token)).status).toBe(401), { within: '5s' });
  });

  test('by a stranger who saw it, without the verifier: refused, and nothing is revoked', async () => {
    const issued = await token.code(await token.account());
    const first = await tokensOf(await token.exchange(issued));
    const stolen = await token.exchange(issued, { code_verifier: newPkce().verifier });
    expect(await refusalOf(stolen)).toEqual([400, 'invalid_grant']);
    expect(await revocations(first.claims.grant_id)).toEqual([]);
    expect((await token.refresh(first.refresh_token)).status).toBe(200);
  });

  test('at the same time: one grant at most is created, and it is revoked', async () => {
    const issued = await token.code(await token.account());
    const responses = await Promise.all(Array.from({ length: 8 }, () => token.exchange(issued)));
    const won = responses.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    const { claims } = await tokensOf(won[0] as Response);
    expect(await token.events({ type: 'grant.created', key: claims.grant_id })).toHaveLength(1);
    expect(await revocations(claims.grant_id)).toHaveLength(1);
  });
});
