import { createHmac, createSign, generateKeyPairSync, KeyObject, randomUUID, sign } from 'node:crypto';
import { jest } from '@jest/globals';
import type { JWK } from 'jose';
import type { Problem } from '@gatehouse/problem';
import { IssuerMetadata, JwksKeySource, RevocationList, TokenVerifier } from './index.ts';
import { TestIssuer } from './testing/index.ts';

const audience = 'http://127.0.0.1:4002';
let issuer: TestIssuer;
let keys: JwksKeySource;
let revocations: RevocationList;
let verifier: TokenVerifier;

beforeEach(async () => {
  issuer = await TestIssuer.start();
  keys = new JwksKeySource(new IssuerMetadata(issuer.url), { refetchFloorMs: 0 });
  await keys.refresh();
  revocations = new RevocationList();
  verifier = new TokenVerifier({ issuer: issuer.url, audience }, keys, revocations);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await issuer.close();
});

/** Resolves with the refusal; fails where the token is accepted. */
async function refusalOf(token: string): Promise<Problem> {
  return verifier.verify(token).then(
    () => {
      throw new Error('the token was accepted');
    },
    (problem: Problem) => problem,
  );
}
const valid = (options: Partial<Parameters<TestIssuer['token']>[0]> = {}) =>
  issuer.token({ audience, subject: 'demo', ...options });
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const payloadOf = (token: string) => token.split('.')[1] as string;

test('a token tells for whom it speaks, with its grant, session and scope', async () => {
  const account = randomUUID();
  const claims = { grant_id: 'g-1', sid: 's-1', scope: 'openid email' };
  const token = await valid({ subject: account, clientId: 'web', claims });
  await expect(verifier.verify(token)).resolves.toMatchObject({
    kind: 'account',
    id: account,
    clientId: 'web',
    grantId: 'g-1',
    sessionId: 's-1',
    scope: ['openid', 'email'],
  });
});

test('a token tells what it allows in detail, and when and how the person logged in', async () => {
  const details = [{ type: 'payment', creditor: 'Ada' }];
  const token = await valid({ claims: { authorization_details: details, acr: 'pwd', auth_time: 1_700_000_000 } });
  await expect(verifier.verify(token)).resolves.toMatchObject({
    authorizationDetails: details,
    acr: 'pwd',
    authenticatedAt: 1_700_000_000,
  });
  for (const malformed of ['payment', [{}], [{ type: 1 }]])
    await refusalOf(await valid({ claims: { authorization_details: malformed } }));
});

test('a token of client_credentials speaks for the client itself', async () => {
  await expect(verifier.verify(await valid())).resolves.toMatchObject({ kind: 'client', id: 'demo', scope: [] });
});

// ASVS 10.3.3
test('a token for several audiences is accepted by each of them', async () => {
  const token = await valid({ audience: ['http://other', audience] });
  await expect(verifier.verify(token)).resolves.toMatchObject({ id: 'demo' });
});

// ASVS 9.2.1, 9.2.2, 9.2.3, 10.3.1
test.each([
  ['expired', { claims: { exp: 1 } }, 'The token has expired.'],
  ['without an expiry', { claims: { exp: undefined } }, 'The token lacks a claim, or has a wrong one.'],
  ['of the future', { claims: { nbf: 9_999_999_999 } }, 'The token is not valid yet.'],
  ['for another service', { audience: 'http://127.0.0.1:4003' }, 'The token was issued for another service.'],
  ['of another issuer', { claims: { iss: 'https://evil.example' } }, 'The token was issued by someone else.'],
  ['of another type', { header: { typ: 'JWT' } }, 'The token is not an access token.'],
  ['without a type', { header: { typ: undefined } }, 'The token is not an access token.'],
  ['without a client', { claims: { client_id: undefined } }, 'The token is not a valid access token.'],
  ['without a jti', { claims: { jti: undefined } }, 'The token is not a valid access token.'],
  ['with an unknown kid', { header: { kid: 'unknown' } }, 'The token names no key of the issuer.'],
  ['without a kid', { header: { kid: undefined } }, 'The token names no key of the issuer.'],
])('a token %s is refused with a challenge that says so', async (_, options, reason) => {
  const problem = await refusalOf(await valid(options));
  expect(problem).toMatchObject({ code: 'unauthenticated', detail: reason });
  expect(problem.headers['www-authenticate']).toBe(`Bearer error="invalid_token", error_description="${reason}"`);
});

// ASVS 9.1.2
test('an unsigned token (alg none) is refused', async () => {
  const header = base64url({ alg: 'none', typ: 'at+jwt', kid: issuer.currentKey.kid });
  const problem = await refusalOf(`${header}.${payloadOf(await valid())}.`);
  expect(problem.detail).toBe('The algorithm of the token is not accepted.');
});

// ASVS 9.1.2
test('an HMAC made with the public key is refused, in every form that the key has', async () => {
  const jwk = issuer.currentKey.publicJwk;
  const secrets = [JSON.stringify(jwk), jwk.x as string, Buffer.from(jwk.x as string, 'base64url')];
  const input = `${base64url({ alg: 'HS256', typ: 'at+jwt', kid: jwk.kid })}.${payloadOf(await valid())}`;
  for (const secret of secrets) {
    const forged = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    expect((await refusalOf(forged)).detail).toBe('The algorithm of the token is not accepted.');
  }
});

test('an RSA token is refused even when the issuer publishes such a key', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...(publicKey.export({ format: 'jwk' }) as JWK), kid: 'rsa', use: 'sig', alg: 'RS256' };
  jest.spyOn(issuer, 'jwks', 'get').mockReturnValue({ keys: [jwk, issuer.currentKey.publicJwk] });
  await keys.refresh();
  const input = `${base64url({ alg: 'RS256', typ: 'at+jwt', kid: 'rsa' })}.${payloadOf(await valid())}`;
  const signature = createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url');
  expect((await refusalOf(`${input}.${signature}`)).detail).toBe('The algorithm of the token is not accepted.');
});

// ASVS 9.1.1
test('a token signed by someone else under a known kid is refused, and its claims are not discussed', async () => {
  const stranger = await TestIssuer.start();
  const claims = { iss: issuer.url, exp: 1 };
  const header = { kid: issuer.currentKey.kid };
  const forged = await stranger.token({ audience, subject: 'demo', claims, header });
  expect((await refusalOf(forged)).detail).toBe('The signature of the token is not valid.');
  await stranger.close();
});

test.each(['', 'x', 'a.b.c', '..', `${'a'.repeat(9_000)}.b.c`])('malformed token %p is refused', async (token) => {
  expect((await refusalOf(token)).code).toBe('unauthenticated');
});

/** Signed by the issuer's key all the same, so that only the form is wrong. */
function signed(header: string, claims: string, dsaEncoding: 'der' | 'ieee-p1363' = 'ieee-p1363'): string {
  const input = [header, claims].map((part) => Buffer.from(part, 'latin1').toString('base64url')).join('.');
  const key = KeyObject.from(issuer.currentKey.privateKey);
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding }).toString('base64url')}`;
}

// RFC 7515 5.2, RFC 7518 3.4
test('what is signed but no well-formed JWS is refused', async () => {
  const header = (more: object = {}) =>
    JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: issuer.currentKey.kid, ...more });
  const claims = Buffer.from(payloadOf(await valid()), 'base64url').toString('latin1');
  await expect(verifier.verify(signed(header(), claims))).resolves.toBeDefined();
  const wrong = [
    signed(header({ crit: ['b64'], b64: false }), claims),
    signed(header({ crit: [] }), claims),
    signed(`[${header()}]`, claims),
    signed(header(), `[${claims}]`),
    signed(header(), 'null'),
    signed(header(), claims.replace('}', ',"note":"\xff"}')),
    signed(header(), claims, 'der'),
  ];
  for (const token of wrong) expect((await refusalOf(token)).code).toBe('unauthenticated');
});

test('a remembered token is refused from its expiry on', async () => {
  const token = await valid({ expiresInSeconds: 60 });
  await verifier.verify(token);
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
  expect((await refusalOf(token)).detail).toBe('The token has expired.');
  clock.mockRestore();
});

test('a remembered token costs no signature, and the control without memory costs one each time', async () => {
  const find = jest.spyOn(keys, 'find');
  const token = await valid();
  await verifier.verify(token);
  await verifier.verify(token);
  expect(find).toHaveBeenCalledTimes(1);
  const forgetful = new TokenVerifier({ issuer: issuer.url, audience, rememberedTokensMax: 0 }, keys, revocations);
  await forgetful.verify(token);
  await forgetful.verify(token);
  expect(find).toHaveBeenCalledTimes(3);
});

test('a flood of tokens does not grow the memory beyond its bound', async () => {
  const small = new TokenVerifier({ issuer: issuer.url, audience, rememberedTokensMax: 3 }, keys, revocations);
  const find = jest.spyOn(keys, 'find');
  const tokens = await Promise.all(Array.from({ length: 5 }, () => valid()));
  for (const token of tokens) await small.verify(token);
  await small.verify(tokens[4] as string);
  expect(find).toHaveBeenCalledTimes(5);
  await small.verify(tokens[0] as string);
  expect(find).toHaveBeenCalledTimes(6);
});

describe('a revocation', () => {
  type Scope = Parameters<RevocationList['add']>[0]['scope'];
  const revoke = (scope: Scope, id: string, atMs = Date.now(), version?: number) =>
    revocations.add({
      scope,
      id,
      version,
      revoked_at: new Date(atMs).toISOString(),
      expires_at: new Date(atMs + 600_000).toISOString(),
    });
  const account = randomUUID();
  const full = () => valid({ subject: account, clientId: 'web', claims: { jti: 'j-1', grant_id: 'g-1', sid: 's-1' } });

  const scopes: [Parameters<typeof revoke>[0], () => string][] = [
    ['jti', () => 'j-1'],
    ['grant', () => 'g-1'],
    ['session', () => 's-1'],
    ['client', () => 'web'],
    ['key', () => issuer.currentKey.kid],
    ['subject', () => account],
  ];
  test.each(scopes)('by %s refuses a token that is remembered already, and nothing else', async (scope, id) => {
    const [token, other] = [await full(), await issuer.token({ audience, subject: 'other' })];
    await verifier.verify(token);
    revoke(scope, `not-${id()}`);
    await expect(verifier.verify(token)).resolves.toBeDefined();
    revoke(scope, id());
    expect((await refusalOf(token)).detail).toBe('The token was revoked.');
    if (scope !== 'key') await expect(verifier.verify(other)).resolves.toBeDefined();
  });

  test('of a subject or a client spares tokens that were issued later', async () => {
    const token = await full();
    revoke('subject', account, Date.now() - 60_000);
    revoke('client', 'web', Date.now() - 60_000);
    await expect(verifier.verify(token)).resolves.toBeDefined();
  });

  test('of a grant refuses its tokens whatever the clock of the issuer said', async () => {
    const token = await full();
    revoke('grant', 'g-1', Date.now() - 60_000);
    expect((await refusalOf(token)).detail).toBe('The token was revoked.');
  });

  const versioned: [Scope, () => string, string][] = [
    ['subject', () => account, 'sub_ver'],
    ['client', () => 'web', 'client_ver'],
  ];
  test.each(versioned)(
    'of a %s with a version refuses lower versions whenever they were issued',
    async (scope, id, claim) => {
      const at = (version: number | undefined) =>
        valid({ subject: account, clientId: 'web', claims: { [claim]: version, jti: randomUUID() } });
      revoke(scope, id(), Date.now() - 60_000, 2);
      for (const version of [undefined, 0, 1])
        expect((await refusalOf(await at(version))).detail).toBe('The token was revoked.');
      for (const version of [2, 3]) await expect(verifier.verify(await at(version))).resolves.toBeDefined();
      // An older record that comes again takes nothing back.
      revoke(scope, id(), Date.now() - 60_000, 1);
      expect((await refusalOf(await at(1))).detail).toBe('The token was revoked.');
    },
  );

  test('leaves the memory once everything it covered has expired', () => {
    revoke('jti', 'old', Date.now() - 3_600_000);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 120_000);
    revoke('jti', 'new');
    clock.mockRestore();
    expect(revocations.size).toBe(1);
  });
});
