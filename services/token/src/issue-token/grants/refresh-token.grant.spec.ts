import { decodeJwt } from 'jose';
import { createHash, randomBytes } from 'node:crypto';
import { eventually } from '@gatehouse/testing';
import { TokenSettings } from '../../config.ts';
import { PostgresGrants } from '../../store/postgres-grants.ts';
import { Grants } from '../../store/grants.ts';
import { startService } from '@gatehouse/http';
import { tokenService } from '../../service.ts';
import { basic, refusalOf, TokenHarness, tokensOf } from '../../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('refresh-token');
}, 60_000);
afterAll(() => token.stop());

const hashOf = (value: string) => createHash('sha256').update(value).digest();
const rowsOf = (grantId: string) => token.sql('SELECT id FROM refresh_token WHERE grant_id = $1', [grantId]);
const refreshes = async (grantId: string) =>
  (await token.events({ type: 'grant.refreshed', key: grantId })).map(({ data }) => data);
const revocations = async (grantId: string) => token.events({ type: 'token.revoked', key: `grant:${grantId}` });

/** As if the token had been used that long ago. */
async function ageUse(refreshToken: string, ms: number): Promise<void> {
  await token.sql("UPDATE refresh_token SET consumed_at = consumed_at - $2 * interval '1 ms' WHERE token_hash = $1", [
    hashOf(refreshToken),
    ms,
  ]);
}

describe('200', () => {
  test('every use gives new tokens of the same grant, and an ID token without a nonce (OIDC Core 12.2)', async () => {
    const first = await token.login();
    const second = await tokensOf(await token.refresh(first.refresh_token));
    const third = await tokensOf(await token.refresh(second.refresh_token));
    expect(new Set([first, second, third].map((one) => one.refresh_token)).size).toBe(3);
    expect(new Set([first, second, third].map((one) => one.claims.jti)).size).toBe(3);
    expect(new Set([first, second, third].map((one) => one.claims.grant_id)).size).toBe(1);
    const [before, after] = [decodeJwt(first.id_token), decodeJwt(third.id_token)];
    expect(after).toMatchObject({ sub: before.sub, aud: 'demo', auth_time: before['auth_time'], sid: before['sid'] });
    expect(after).not.toHaveProperty('nonce');
    expect(await refreshes(first.claims.grant_id)).toMatchObject([
      { jti: second.claims.jti, repeated: false },
      { jti: third.claims.jti, repeated: false },
    ]);
  });

  test('a response may have a narrower scope; the next one starts from the grant again', async () => {
    const first = await token.login();
    const narrow = await tokensOf(await token.refresh(first.refresh_token, { scope: 'email' }));
    expect([narrow.scope, narrow.id_token]).toEqual(['email', undefined]);
    expect((await tokensOf(await token.refresh(narrow.refresh_token))).scope).toBe('openid email');
  });

  // ASVS 10.4.8
  test('no token of a grant outlives it', async () => {
    const { refresh_token, claims } = await token.login();
    await token.sql("UPDATE token_grant SET expires_at = now() + interval '100 seconds' WHERE id = $1", [
      claims.grant_id,
    ]);
    const { expires_in } = await tokensOf(await token.refresh(refresh_token));
    expect(expires_in).toBeLessThanOrEqual(100);
    expect(expires_in).toBeGreaterThan(60);
  });
});

describe('a retry within the grace window', () => {
  test('gets the same successor with a new access token, and is audited as a repeat', async () => {
    const first = await token.login();
    const answers = [await token.refresh(first.refresh_token), await token.refresh(first.refresh_token)];
    const [lost, repeated] = [await tokensOf(answers[0] as Response), await tokensOf(answers[1] as Response)];
    expect(repeated.refresh_token).toBe(lost.refresh_token);
    expect(repeated.claims.jti).not.toBe(lost.claims.jti);
    expect((await refreshes(first.claims.grant_id)).map((data) => data?.['repeated'])).toEqual([false, true]);
    expect(await rowsOf(first.claims.grant_id)).toHaveLength(2);
  });

  test('fifty parallel refreshes give fifty times one successor, which is one new row', async () => {
    const first = await token.login();
    const responses = await Promise.all(Array.from({ length: 50 }, () => token.refresh(first.refresh_token)));
    const tokens = await Promise.all(responses.map(tokensOf));
    expect(new Set(tokens.map((one) => one.refresh_token)).size).toBe(1);
    expect(new Set(tokens.map((one) => one.claims.jti)).size).toBe(50);
    expect(await rowsOf(first.claims.grant_id)).toHaveLength(2);
    expect(await revocations(first.claims.grant_id)).toEqual([]);
    expect((await token.refresh(tokens[0]?.refresh_token ?? '')).status).toBe(200);
  }, 20_000);

  test('two instances give the same successor: it is derived, so neither has to tell the other', async () => {
    const env = { ...token.suite.env('token', { ports: 'reserved' }), PORT: '0', ADMIN_PORT: '0' };
    const other = await startService(tokenService, env);
    try {
      await eventually(() => other.health.readiness().ready, { within: '30s' });
      const first = await token.login();
      const { id, secret } = token.client('demo');
      const body = () => new URLSearchParams({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
      const headers = { authorization: basic(id, secret) };
      const responses = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          fetch(`${index % 2 ? other.url : token.issuer}/oauth/token`, { method: 'POST', headers, body: body() }),
        ),
      );
      const tokens = await Promise.all(responses.map(tokensOf));
      expect(new Set(tokens.map((one) => one.refresh_token)).size).toBe(1);
      expect(await rowsOf(first.claims.grant_id)).toHaveLength(2);
    } finally {
      await other.close();
    }
  }, 60_000);

  test('after a rotation of the master key still gets the same successor, and a 503 where the old key is not known', async () => {
    const settings = token.part(TokenSettings);
    const { successorKeys } = settings;
    const fresh = randomBytes(32);
    try {
      const first = await token.login();
      const given = await tokensOf(await token.refresh(first.refresh_token));
      Object.assign(settings, { successorKeys: [fresh] });
      expect((await token.refresh(first.refresh_token)).status).toBe(503);
      Object.assign(settings, { successorKeys: [fresh, ...successorKeys] });
      expect((await tokensOf(await token.refresh(first.refresh_token))).refresh_token).toBe(given.refresh_token);
      expect(await revocations(first.claims.grant_id)).toEqual([]);
    } finally {
      Object.assign(settings, { successorKeys });
    }
  });

  test('negative control: without the window, the same fifty refreshes log the client out', async () => {
    const settings = token.part(TokenSettings);
    const refreshGraceMs = settings.refreshGraceMs;
    Object.assign(settings, { refreshGraceMs: -1 });
    try {
      const first = await token.login();
      const responses = await Promise.all(Array.from({ length: 50 }, () => token.refresh(first.refresh_token)));
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(await revocations(first.claims.grant_id)).toHaveLength(1);
    } finally {
      Object.assign(settings, { refreshGraceMs });
    }
  }, 20_000);

  test('the successor is stored nowhere: not in the database, not in what is published', async () => {
    const first = await token.login();
    const { refresh_token } = await tokensOf(await token.refresh(first.refresh_token));
    const rows = await token.sql('SELECT t::text FROM refresh_token t');
    const published = await token.events();
    for (const secret of [first.refresh_token, refresh_token])
      expect(JSON.stringify([rows, published])).not.toContain(secret.slice('gh_refresh_'.length));
  });
});

// ASVS 10.4.5
describe('reuse', () => {
  test('after the window revokes the family: refresh tokens at once, access tokens within a second', async () => {
    const first = await token.login();
    const second = await tokensOf(await token.refresh(first.refresh_token));
    await ageUse(first.refresh_token, token.part(TokenSettings).refreshGraceMs + 1_000);
    expect((await token.me(second.access_token)).status).toBe(200);

    expect(await refusalOf(await token.refresh(first.refresh_token))).toEqual([400, 'invalid_grant']);
    expect(await refusalOf(await token.refresh(second.refresh_token))).toEqual([400, 'invalid_grant']);
    const [revoked] = await revocations(first.claims.grant_id);
    expect(revoked?.data).toMatchObject({ reason: 'reuse_detected', account_id: first.accountId });
    await eventually(async () => expect((await token.me(second.access_token)).status).toBe(401), { within: '5s' });
    await eventually(async () => expect((await token.me(first.access_token)).status).toBe(401), { within: '5s' });
  });

  test('inside the window, but after the successor was used, revokes the family too', async () => {
    const first = await token.login();
    const second = await tokensOf(await token.refresh(first.refresh_token));
    await tokensOf(await token.refresh(second.refresh_token));
    expect(await refusalOf(await token.refresh(first.refresh_token))).toEqual([400, 'invalid_grant']);
    expect(await revocations(first.claims.grant_id)).toHaveLength(1);
  });

  test('revokes once, however often the old token comes back', async () => {
    const first = await token.login();
    const second = await tokensOf(await token.refresh(first.refresh_token));
    await tokensOf(await token.refresh(second.refresh_token));
    await Promise.all(Array.from({ length: 5 }, () => token.refresh(first.refresh_token)));
    expect(await revocations(first.claims.grant_id)).toHaveLength(1);
  });

  test('negative control: a store that forgets which tokens were used lets the thief go on unseen', async () => {
    const grants = token.part(Grants) as PostgresGrants;
    const read = grants.readRefreshToken.bind(grants);
    grants.readRefreshToken = async (tx, hash) => ({ ...(await read(tx, hash)), successorConsumed: false });
    try {
      const first = await token.login();
      const second = await tokensOf(await token.refresh(first.refresh_token));
      await tokensOf(await token.refresh(second.refresh_token));
      expect((await token.refresh(first.refresh_token)).status).toBe(200);
      expect(await revocations(first.claims.grant_id)).toEqual([]);
    } finally {
      grants.readRefreshToken = read;
    }
  });
});

describe('400', () => {
  test('another client with the token gets nothing and revokes nothing', async () => {
    const client = { id: 'other', secret: 'o'.repeat(43), grant_types: ['refresh_token', 'client_credentials'] };
    await token.seed({ clients: [client] });
    const { refresh_token, claims } = await token.login();
    const response = await token.refresh(refresh_token, {}, { ...client, redirectUri: '' });
    expect(await refusalOf(response)).toEqual([400, 'invalid_grant']);
    expect(await revocations(claims.grant_id)).toEqual([]);
    expect((await token.refresh(refresh_token)).status).toBe(200);
  });

  test('an unknown and an expired token', async () => {
    expect(await refusalOf(await token.refresh('gh_refresh_made-up'))).toEqual([400, 'invalid_grant']);
    const { refresh_token } = await token.login();
    await token.sql('UPDATE refresh_token SET expires_at = now() WHERE token_hash = $1', [hashOf(refresh_token)]);
    expect(await refusalOf(await token.refresh(refresh_token))).toEqual([400, 'invalid_grant']);
  });

  // ASVS 10.4.11
  test('a wider scope and a foreign resource are refused without using the token up', async () => {
    const { refresh_token } = await token.login({ scope: 'openid', resource: token.suite.url('audit-log') });
    expect(await refusalOf(await token.refresh(refresh_token, { scope: 'openid email' }))).toEqual([
      400,
      'invalid_scope',
    ]);
    const resource = token.suite.url('authorization');
    expect(await refusalOf(await token.refresh(refresh_token, { resource }))).toEqual([400, 'invalid_target']);
    expect((await token.refresh(refresh_token)).status).toBe(200);
  });
});
