import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { ReplayedIds } from '@gatehouse/authn';
import { Problem } from '@gatehouse/problem';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose';
import { refusalOf, TokenHarness, basic } from '../token.spec-support.ts';
import { CLIENT_ASSERTION_TYPE } from './client-assertions.ts';

let token: TokenHarness;
let key: CryptoKey;
let stranger: CryptoKey;
const published: { keys: object[]; fetches: number } = { keys: [], fetches: 0 };
const keyServer = createServer((_, response) => {
  published.fetches += 1;
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published.keys }));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  const { port } = keyServer.address() as AddressInfo;
  token = await TokenHarness.start('client-assertions', { OUTBOUND_ALLOWED: `127.0.0.1:${port}` });
  const pair = await generateKeyPair('ES256');
  key = pair.privateKey;
  stranger = (await generateKeyPair('ES256')).privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1' };
  published.keys = [jwk];
  const client = (id: string, keys: object) => ({
    id,
    ...keys,
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
  });
  await token.seed({
    clients: [
      client('signer', { jwks: { keys: [jwk] } }),
      client('remote', { jwks_uri: `http://127.0.0.1:${port}/jwks` }),
      client('forbidden', { jwks_uri: 'http://127.0.0.1:1/jwks' }),
    ],
  });
}, 60_000);
afterAll(async () => {
  await token.stop();
  keyServer.close();
});

const seconds = () => Math.floor(Date.now() / 1_000);
const claimsOf = (client: string): JWTPayload => ({
  iss: client,
  sub: client,
  aud: token.issuer,
  jti: randomUUID(),
  exp: seconds() + 60,
});
const signed = (claims: JWTPayload, by = key, alg = 'ES256') =>
  new SignJWT(claims).setProtectedHeader({ alg, kid: 'k1' }).sign(by);
const present = (client_assertion: string, more: Record<string, string> = {}) =>
  token.postForm('/oauth/token', {
    grant_type: 'client_credentials',
    client_assertion_type: CLIENT_ASSERTION_TYPE,
    client_assertion,
    ...more,
  });

test.each([
  ['the issuer', () => token.issuer],
  ['the token endpoint', () => `${token.issuer}/oauth/token`],
  ['a list with the issuer', () => ['https://other.example', token.issuer]],
])('an assertion for %s proves the client, once', async (_, audience) => {
  const assertion = await signed({ ...claimsOf('signer'), aud: audience() });
  expect((await present(assertion)).status).toBe(200);
  expect(await refusalOf(await present(assertion))).toEqual([401, 'invalid_client']);
});

test.each<[string, () => Promise<string>]>([
  ['another key', () => signed(claimsOf('signer'), stranger)],
  ['no signature', () => Promise.resolve(new UnsecuredJWT(claimsOf('signer')).encode())],
  ['another issuer', () => signed({ ...claimsOf('signer'), iss: 'remote' })],
  ['another audience', () => signed({ ...claimsOf('signer'), aud: 'https://other.example' })],
  ['an audience that only begins like ours', () => signed({ ...claimsOf('signer'), aud: `${token.issuer}.evil` })],
  ['no expiry', () => signed({ ...claimsOf('signer'), exp: undefined })],
  ['an expiry that is past', () => signed({ ...claimsOf('signer'), exp: seconds() - 60 })],
  ['an expiry far away', () => signed({ ...claimsOf('signer'), exp: seconds() + 86_400 })],
  ['a beginning in the future', () => signed({ ...claimsOf('signer'), nbf: seconds() + 61 })],
  ['an issue date in the future', () => signed({ ...claimsOf('signer'), iat: seconds() + 61 })],
  ['no id', () => signed({ ...claimsOf('signer'), jti: undefined })],
])('one with %s is refused and audited', async (_, assertion) => {
  const before = (await token.events({ type: 'client.refused' })).length;
  expect(await refusalOf(await present(await assertion()))).toEqual([401, 'invalid_client']);
  const refused = (await token.events({ type: 'client.refused' })).slice(before);
  expect(refused.map(({ data }) => data)).toEqual([{ client_id: 'signer', reason: 'wrong_assertion' }]);
});

test('a client uses the method that it is registered for: no assertion for one with a secret, no secret for one with a key', async () => {
  expect(await refusalOf(await present(await signed(claimsOf('admin'))))).toEqual([401, 'invalid_client']);
  const form = { grant_type: 'client_credentials', client_id: 'signer', client_secret: 'x'.repeat(43) };
  expect(await refusalOf(await token.postForm('/oauth/token', form))).toEqual([401, 'invalid_client']);
});

test('two methods at once, another client_id, and an unknown type are invalid requests', async () => {
  const assertion = await signed(claimsOf('signer'));
  const { id, secret } = token.client('admin');
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: CLIENT_ASSERTION_TYPE,
    client_assertion: assertion,
  };
  const headers = { authorization: basic(id, secret) };
  const both = await fetch(`${token.issuer}/oauth/token`, { method: 'POST', headers, body: new URLSearchParams(form) });
  expect(await refusalOf(both)).toEqual([400, 'invalid_request']);
  const changes: Record<string, string>[] = [
    { client_secret: 'x' },
    { client_id: 'admin' },
    { client_assertion_type: 'urn:x' },
  ];
  for (const change of changes)
    expect(await refusalOf(await present(assertion, change))).toEqual([400, 'invalid_request']);
  expect((await present(assertion)).status).toBe(200);
});

test('keys behind a URL are fetched once for many; a new one counts as soon as it is asked for', async () => {
  const before = published.fetches;
  const answers = await Promise.all(Array.from({ length: 10 }, async () => present(await signed(claimsOf('remote')))));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(published.fetches).toBe(before + 1);
});

test('a URL that points where none may point is never asked, and the client is refused', async () => {
  expect(await refusalOf(await present(await signed(claimsOf('forbidden'))))).toEqual([401, 'invalid_client']);
});

describe('while nobody can tell whether an assertion was used before', () => {
  const failing = (answer: () => Promise<boolean>) => {
    const ids = token.part(ReplayedIds);
    const use = ids.use.bind(ids);
    ids.use = answer;
    return () => (ids.use = use);
  };

  test('the answer is 503 with Retry-After, and nothing passes', async () => {
    const mend = failing(() => Promise.reject(new Problem('dependency-unavailable', { retryAfterSeconds: 1 })));
    try {
      const response = await present(await signed(claimsOf('signer')));
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('1');
    } finally {
      mend();
    }
  });

  test('negative control: with the memory switched off, the same assertion passes twice', async () => {
    const mend = failing(() => Promise.resolve(true));
    try {
      const assertion = await signed(claimsOf('signer'));
      expect([(await present(assertion)).status, (await present(assertion)).status]).toEqual([200, 200]);
    } finally {
      mend();
    }
  });
});
