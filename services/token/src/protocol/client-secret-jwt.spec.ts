import { randomBytes, randomUUID } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { ReplayedIds } from '@gatehouse/authn';
import { exportSPKI, exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { Permissions, refusalOf, TokenHarness } from '../token.spec-support.ts';
import { CLIENT_ASSERTION_TYPE } from './client-assertions.ts';

let token: TokenHarness;
let permissions: Permissions;
let admin: string;
beforeAll(async () => {
  token = await TokenHarness.start('client-secret-jwt');
  permissions = await Permissions.start(token.suite);
  admin = await token.adminToken();
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
});

interface Registered {
  readonly client_id: string;
  readonly client_secret: string;
  readonly secrets: readonly { readonly id: string }[];
}

const byHmac = { token_endpoint_auth_method: 'client_secret_jwt', grant_types: ['client_credentials'] };
const machine = { grant_types: ['client_credentials'], response_types: [] };

async function call(method: string, path: string, json?: unknown): Promise<Response> {
  return token.call(method, `/api/v1/clients${path}`, { as: admin, json });
}
async function register(metadata: object = {}): Promise<Registered> {
  const response = await call('POST', '', { metadata: { ...machine, ...byHmac, ...metadata } });
  expect(response.status).toBe(201);
  return (await response.json()) as Registered;
}

const claimsOf = (client: string, changes: JWTPayload = {}): JWTPayload => {
  const exp = Math.floor(Date.now() / 1_000) + 60;
  return { iss: client, sub: client, aud: token.issuer, jti: randomUUID(), exp, ...changes };
};
const signed = (claims: JWTPayload, secret: string | Uint8Array) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .sign(typeof secret === 'string' ? Buffer.from(secret) : secret);
const present = (client_assertion: string, at = token.issuer) =>
  fetch(`${at}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: CLIENT_ASSERTION_TYPE,
      client_assertion,
    }),
  });
const statusOf = async (client: string, secret: string, at?: string) =>
  (await present(await signed(claimsOf(client), secret), at)).status;
const wrong = [401, 'invalid_client'];

describe('a client that signs with its secret (OIDC Core 9)', () => {
  test('is believed by certified clients and believes them', async () => {
    const { client_id, client_secret } = await register({ token_endpoint_auth_signing_alg: 'HS256' });
    const insecure = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(token.issuer);
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
    const by = oauth.ClientSecretJwt(client_secret);
    const response = await oauth.clientCredentialsGrantRequest(server, { client_id }, by, {}, insecure);
    expect(await oauth.processClientCredentialsResponse(server, { client_id }, response)).toHaveProperty(
      'access_token',
    );

    const execute = [openid.allowInsecureRequests];
    const method = openid.ClientSecretJwt(client_secret);
    const configuration = await openid.discovery(issuer, client_id, client_secret, method, { execute });
    expect(await openid.clientCredentialsGrant(configuration)).toMatchObject({ expires_in: 600 });
  });

  test('does so once for each assertion; negative control: with the memory off the same one passes twice', async () => {
    const { client_id, client_secret } = await register();
    const assertion = await signed(claimsOf(client_id), client_secret);
    expect((await present(assertion)).status).toBe(200);
    expect(await refusalOf(await present(assertion))).toEqual(wrong);
    const ids = token.part(ReplayedIds);
    const use = ids.use.bind(ids);
    ids.use = () => Promise.resolve(true);
    const again = await present(assertion).finally(() => (ids.use = use));
    expect(again.status).toBe(200);
  });

  test.each<[string, JWTPayload]>([
    ['another audience', { aud: 'https://other.example' }],
    ['another issuer', { iss: 'demo' }],
    ['no id', { jti: undefined }],
    ['no expiry', { exp: undefined }],
    ['an expiry far away', { exp: Math.floor(Date.now() / 1_000) + 86_400 }],
    ['an expiry that is past', { exp: Math.floor(Date.now() / 1_000) - 60 }],
  ])('is refused with %s, and that is audited', async (_, changes) => {
    const { client_id, client_secret } = await register();
    expect(await refusalOf(await present(await signed(claimsOf(client_id, changes), client_secret)))).toEqual(wrong);
    const refused = (await token.events({ type: 'client.refused' })).filter(({ data }) => data?.['client_id'] === client_id); // prettier-ignore
    expect(refused.map(({ data }) => data?.['reason'])).toEqual(['wrong_assertion']);
  });

  test('uses that method alone: the secret itself, another secret and a key prove nothing', async () => {
    const { client_id, client_secret } = await register();
    const form = { grant_type: 'client_credentials' };
    const client = { id: client_id, secret: client_secret };
    expect(await refusalOf(await token.postForm('/oauth/token', form, client))).toEqual(wrong);
    expect(await refusalOf(await present(await signed(claimsOf(client_id), 'x'.repeat(43))))).toEqual(wrong);
    const { privateKey } = await generateKeyPair('ES256');
    const byKey = await new SignJWT(claimsOf(client_id)).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
    expect(await refusalOf(await present(byKey))).toEqual(wrong);
    expect(await statusOf(client_id, client_secret)).toBe(200);
  });

  test('a public key is no secret: an HMAC with it does not prove the client of that key', async () => {
    const { publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const signer = { id: 'rsa', jwks: { keys: [jwk] }, token_endpoint_auth_method: 'private_key_jwt' };
    await token.seed({ clients: [{ ...signer, grant_types: ['client_credentials'] }] });
    for (const bytes of [await exportSPKI(publicKey), JSON.stringify(jwk), String(jwk.n)])
      expect(await refusalOf(await present(await signed(claimsOf('rsa'), bytes)))).toEqual(wrong);
  });
});

describe('its secret', () => {
  test('is replaced without a pause: two are live, and the removed one goes at once', async () => {
    const { client_id, client_secret, secrets } = await register();
    const second = (await (await call('POST', `/${client_id}/secrets`)).json()) as Registered;
    for (const secret of [client_secret, second.client_secret]) expect(await statusOf(client_id, secret)).toBe(200);
    expect((await call('POST', `/${client_id}/secrets`)).status).toBe(409);
    expect((await call('DELETE', `/${client_id}/secrets/${secrets[0]?.id}`)).status).toBe(204);
    expect([await statusOf(client_id, client_secret), await statusOf(client_id, second.client_secret)]).toEqual([
      401, 200,
    ]);
  });

  test('is in no row and no event; sealed for one client it opens for no other', async () => {
    const [mine, other] = [await register(), await register()];
    const stored = JSON.stringify(await token.sql('SELECT c::text, o::text FROM client c, outbox o'));
    for (const { client_secret } of [mine, other]) {
      expect(stored).not.toContain(client_secret);
      expect(stored).not.toContain(Buffer.from(client_secret).toString('base64'));
    }
    const swap = `UPDATE client SET sealed_secrets = (SELECT sealed_secrets FROM client WHERE id = $2) WHERE id = $1`;
    await token.sql(swap, [mine.client_id, other.client_id]);
    expect(await statusOf(mine.client_id, other.client_secret)).toBe(500);
    expect(await statusOf(other.client_id, other.client_secret)).toBe(200);
  });

  test('is made anew where only a hash is there, and its copy goes with the method', async () => {
    const { client_id, client_secret } = await register({ token_endpoint_auth_method: 'client_secret_basic' });
    const put = async (metadata: object) =>
      (await (await call('PUT', `/${client_id}`, { metadata: { ...machine, ...metadata } })).json()) as Registered;
    const { client_secret: fresh } = await put(byHmac);
    expect([await statusOf(client_id, client_secret), await statusOf(client_id, fresh)]).toEqual([401, 200]);
    const back = await put({ token_endpoint_auth_method: 'client_secret_post' });
    expect(back.client_secret).toBeUndefined();
    const form = { grant_type: 'client_credentials' };
    expect((await token.postForm('/oauth/token', form, { id: client_id, secret: fresh })).status).toBe(200);
    expect(await token.sql('SELECT sealed_secrets AS s FROM client WHERE id = $1', [client_id])).toEqual([{ s: [] }]);
  });

  test('moves to a new master key at the start of an instance, and then needs the previous one no more', async () => {
    const { client_id, client_secret } = await register();
    const versions = () => token.sql('SELECT version, updated_at FROM client WHERE id = $1', [client_id]);
    const before = await versions();
    const current = randomBytes(32).toString('base64');
    const old = token.suite.env('token')['SIGNING_KEY_ENCRYPTION_KEY'] ?? '';
    const statusAt = async (settings: Record<string, string>) => {
      const instance = await token.another(settings);
      return statusOf(client_id, client_secret, instance.url).finally(() => instance.close());
    };
    const both = { SIGNING_KEY_ENCRYPTION_KEY: current, SIGNING_KEY_PREVIOUS_ENCRYPTION_KEYS: old };
    expect(await statusAt(both)).toBe(200);
    expect(await statusAt({ SIGNING_KEY_ENCRYPTION_KEY: current })).toBe(200);
    expect(await versions()).toEqual(before);
    // The control: whoever has not got the new key cannot read it any more.
    expect(await statusOf(client_id, client_secret)).toBe(500);
  }, 60_000);
});
