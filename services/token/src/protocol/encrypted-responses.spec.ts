import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  compactDecrypt,
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose';
import { authorizationPath, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { basic, refusalOf, TokenHarness, tokensOf, type Tokens } from '../token.spec-support.ts';
import { EncryptedResponses } from './encrypted-responses.ts';

const SECRET = 'e'.repeat(43);
const CALLBACK = 'https://private.example/callback';
let token: TokenHarness;
let rsa: CryptoKey;
let ec: CryptoKey;
const published: { keys: object[]; down: boolean } = { keys: [], down: false };
const keyServer = createServer((_, response) => {
  response.writeHead(published.down ? 503 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ keys: published.keys }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  const { port } = keyServer.address() as AddressInfo;
  token = await TokenHarness.start('encrypted-responses', { OUTBOUND_ALLOWED: `127.0.0.1:${port}` });
  const pairs = await Promise.all([
    generateKeyPair('RSA-OAEP-256'),
    generateKeyPair('ECDH-ES', { crv: 'P-256' }),
    generateKeyPair('ES256'),
  ]);
  [rsa, ec] = [pairs[0].privateKey, pairs[1].privateKey];
  const [rsaKey, ecKey, signing] = await Promise.all(pairs.map(({ publicKey }) => exportJWK(publicKey)));
  const keys = [
    { ...signing, kid: 'sig', use: 'sig' },
    { ...rsaKey, kid: 'rsa', use: 'enc' },
    { ...ecKey, kid: 'ec', use: 'enc' },
  ];
  const common = {
    secret: SECRET,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    scopes: ['openid', 'email'],
    jwks: { keys },
  };
  const remote = { ...common, jwks: undefined, id_token_encrypted_response_alg: 'ECDH-ES' };
  await token.seed({
    clients: [
      {
        ...common,
        id: 'private',
        id_token_encrypted_response_alg: 'RSA-OAEP-256',
        id_token_encrypted_response_enc: 'A256GCM',
        userinfo_signed_response_alg: 'ES256',
        userinfo_encrypted_response_alg: 'ECDH-ES+A256KW',
        introspection_encrypted_response_alg: 'ECDH-ES',
      },
      { ...remote, id: 'remote', jwks_uri: `http://127.0.0.1:${port}/jwks` },
      { ...remote, id: 'signing-only', jwks: { keys: keys.slice(0, 1) } },
    ],
  });
  published.keys = keys;
}, 60_000);
afterAll(async () => {
  await token.stop();
  keyServer.close();
});

async function codeOf(id: string): Promise<Record<string, string>> {
  const { email, password } = await token.account();
  const [browser, pkce] = [new TestBrowser(token.issuer), newPkce()];
  const page = await browser.openLogin(authorizationPath({ id, redirectUri: CALLBACK }, pkce));
  const code = locationOf(await browser.submit(page, { email, password })).searchParams.get('code') ?? '';
  return { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: pkce.verifier };
}
const redeem = (id: string, form: Record<string, string>) =>
  token.postForm('/oauth/token', form, { id, secret: SECRET });
const logIn = async (id: string): Promise<Tokens> => tokensOf(await redeem(id, await codeOf(id)));

/** The claims inside: decrypted by the client's key, then verified as if it had come in plain. */
async function opened(jwe: string, key: CryptoKey, typ = 'JWT'): Promise<JWTPayload> {
  const { plaintext } = await compactDecrypt(jwe, key);
  const jwks = (await (await token.get('/oauth/jwks')).json()) as JSONWebKeySet;
  const signed = new TextDecoder().decode(plaintext);
  return (await jwtVerify(signed, createLocalJWKSet(jwks), { issuer: token.issuer, audience: 'private', typ })).payload;
}

describe('only the client can read, and see who signed it', () => {
  test('its ID tokens, at the code and at a refresh', async () => {
    const { id_token, refresh_token } = await logIn('private');
    expect(decodeProtectedHeader(id_token)).toEqual({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'rsa', cty: 'JWT' });
    const claims = await opened(id_token, rsa);
    expect(claims).toMatchObject({ aud: 'private', nonce: 'nonce-1' });
    const refreshed = await tokensOf(await token.refresh(refresh_token, {}, { id: 'private', secret: SECRET, redirectUri: CALLBACK })); // prettier-ignore
    expect((await opened(refreshed.id_token, rsa)).sub).toBe(claims.sub);
    await expect(compactDecrypt(id_token, (await generateKeyPair('RSA-OAEP-256')).privateKey)).rejects.toThrow();
  });

  test('userinfo', async () => {
    const { access_token, claims } = await logIn('private');
    const response = await token.get('/oauth/userinfo', { authorization: `Bearer ${access_token}` });
    expect(response.headers.get('content-type')).toBe('application/jwt');
    const jwe = await response.text();
    expect(decodeProtectedHeader(jwe)).toMatchObject({ alg: 'ECDH-ES+A256KW', enc: 'A128CBC-HS256', kid: 'ec' });
    expect(await opened(jwe, ec)).toMatchObject({ sub: claims.sub, email_verified: true });
  });

  test('introspection as a JWT (RFC 9701 5); JSON, which it did not ask for encrypted, comes as JSON', async () => {
    const { access_token, claims } = await logIn('private');
    const ask = (accept: string) =>
      fetch(`${token.issuer}/oauth/introspect`, {
        method: 'POST',
        headers: { authorization: basic('private', SECRET), accept },
        body: new URLSearchParams({ token: access_token }),
      });
    const jwe = await (await ask('application/token-introspection+jwt')).text();
    expect(decodeProtectedHeader(jwe)).toMatchObject({ alg: 'ECDH-ES', enc: 'A128CBC-HS256', cty: 'JWT' });
    const { token_introspection } = await opened(jwe, ec, 'token-introspection+jwt');
    expect(token_introspection).toMatchObject({ active: true, jti: claims.jti });
    expect(await (await ask('application/json')).json()).toMatchObject({ active: true });
  });
});

describe('without a key to encrypt to', () => {
  test('the answer is 503, never in plain, and the code is not used up by it', async () => {
    const form = await codeOf('remote');
    published.down = true;
    const refused = await redeem('remote', form);
    expect(await refusalOf(refused)).toEqual([503, 'temporarily_unavailable']);
    published.down = false;
    const { id_token } = await tokensOf(await redeem('remote', form));
    expect(decodeProtectedHeader(id_token)).toMatchObject({ alg: 'ECDH-ES', kid: 'ec' });
  });

  test('a key to sign with is none', async () => {
    expect(await refusalOf(await redeem('signing-only', await codeOf('signing-only')))).toEqual([
      503,
      'temporarily_unavailable',
    ]);
  });

  test('negative control: where the key is looked for after the code is used, the client loses its login', async () => {
    const encrypted = token.part(EncryptedResponses);
    const prepare = encrypted.prepare.bind(encrypted);
    encrypted.prepare = () => Promise.resolve();
    try {
      const form = await codeOf('signing-only');
      expect((await redeem('signing-only', form)).status).toBe(503);
      expect(await refusalOf(await redeem('signing-only', form))).toEqual([400, 'invalid_grant']);
    } finally {
      encrypted.prepare = prepare;
    }
  });
});

test('discovery names what can be encrypted, and how', async () => {
  const discovery = (await (await token.get('/.well-known/openid-configuration')).json()) as Record<string, string[]>;
  for (const what of ['id_token', 'userinfo', 'introspection']) {
    expect(discovery[`${what}_encryption_alg_values_supported`]).toEqual(['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW']); // prettier-ignore
    expect(discovery[`${what}_encryption_enc_values_supported`]).not.toContain('none');
  }
});
