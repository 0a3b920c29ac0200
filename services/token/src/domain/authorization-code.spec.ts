import { createHash } from 'node:crypto';
import { decideExchange, type AuthorizationCode } from './authorization-code.ts';
import { clientWith, errorCode } from './domain-fixtures.spec-support.ts';

const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const now = new Date('2026-01-01T00:00:00Z');
const code: AuthorizationCode = {
  grantId: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a04',
  clientId: 'demo',
  accountId: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
  accountVersion: 0,
  sessionId: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
  sessionEndsAt: null,
  redirectUri: 'https://app.example/callback',
  codeChallenge: createHash('sha256').update(VERIFIER).digest('base64url'),
  scope: ['openid'],
  resources: [],
  nonce: null,
  authenticatedAt: now,
  expiresAt: new Date(now.getTime() + 60_000),
  consumedAt: null,
  dpopJkt: null,
  claims: null,
  authorizationDetails: [],
  acr: 'urn:gatehouse:acr:password',
  amr: ['pwd'],
};
const proof = { redirectUri: code.redirectUri, codeVerifier: VERIFIER, dpopJkt: null };

test('a code is exchanged once, and its second use by the same client is a replay, even after its expiry', () => {
  expect(decideExchange(code, clientWith(), proof, now).decision).toBe('exchange');
  const used = { ...code, consumedAt: now };
  expect(decideExchange(used, clientWith(), proof, now).decision).toBe('replay');
  expect(decideExchange(used, clientWith(), proof, new Date(now.getTime() + 3_600_000)).decision).toBe('replay');
});

test.each([
  ['it is unknown', null, clientWith(), proof],
  ['another client brings it', code, clientWith({ id: 'thief' }), proof],
  ['the redirect URI is another', code, clientWith(), { ...proof, redirectUri: 'https://app.example/other' }],
  [
    'the redirect URI is missing, and there is no challenge instead',
    { ...code, codeChallenge: null },
    clientWith(),
    { ...proof, redirectUri: undefined, codeVerifier: undefined },
  ],
  ['the verifier is another', code, clientWith(), { ...proof, codeVerifier: VERIFIER.replace('d', 'e') }],
  ['the verifier is missing', code, clientWith(), { ...proof, codeVerifier: undefined }],
  [
    'the request had no challenge, and a verifier comes all the same',
    { ...code, codeChallenge: null },
    clientWith(),
    proof,
  ],
  ['it is bound to a key that was not proved', { ...code, dpopJkt: 'a'.repeat(43) }, clientWith(), proof],
  ['it has expired', { ...code, expiresAt: now }, clientWith(), proof],
  ['the session has ended with which its grant ends', { ...code, sessionEndsAt: now }, clientWith(), proof],
])('a code is refused where %s', (_, given, client, presented) => {
  expect(errorCode(() => decideExchange(given, client, presented, now))).toBe('invalid_grant');
});

test('with a challenge the redirect URI need not be said again (OAuth 2.1 10.2)', () => {
  expect(decideExchange(code, clientWith(), { ...proof, redirectUri: undefined }, now).decision).toBe('exchange');
});

test.each([
  ['another client', clientWith({ id: 'thief' }), proof],
  ['a wrong verifier', clientWith(), { ...proof, codeVerifier: VERIFIER.replace('d', 'e') }],
])('a used code with %s is no replay: a stranger who saw it revokes nothing', (_, client, presented) => {
  expect(errorCode(() => decideExchange({ ...code, consumedAt: now }, client, presented, now))).toBe('invalid_grant');
});
