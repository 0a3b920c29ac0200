import type { RunningService } from '@gatehouse/http';
import { decodeJwt } from 'jose';
import { basic, Permissions, refusalOf, TokenHarness } from '../token.spec-support.ts';

const CALLBACK = 'https://app.example/callback';
let permissions: Permissions;
let token: TokenHarness;
let byToken: RunningService;
let closed: RunningService;
beforeAll(async () => {
  token = await TokenHarness.start('register-client', { CLIENT_REGISTRATION: 'open' });
  permissions = await Permissions.start(token.suite);
  byToken = await token.another({ CLIENT_REGISTRATION: 'initial_access_token' });
  closed = await token.another();
}, 120_000);
afterAll(async () => {
  await Promise.all([closed?.close(), byToken?.close()]);
  await permissions?.stop();
  await token.stop();
});

interface Registered {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly registration_access_token: string;
  readonly registration_client_uri: string;
  readonly [member: string]: unknown;
}

function post(url: string, body: unknown, bearer?: string): Promise<Response> {
  return fetch(`${url}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    body: JSON.stringify(body),
  });
}

async function register(changes: Record<string, unknown> = {}): Promise<Registered> {
  const response = await post(token.issuer, { redirect_uris: [CALLBACK], ...changes });
  expect(response.status).toBe(201);
  return (await response.json()) as Registered;
}

function manage(method: string, client: Registered, json?: unknown, bearer = client.registration_access_token) {
  return token.call(method, new URL(client.registration_client_uri).pathname, { as: bearer, json });
}

/** What of the registration a client may send back (RFC 7592 2.2). */
function own(client: Registered, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const {
    registration_access_token: _token,
    registration_client_uri: _uri,
    client_id_issued_at: _issued,
    client_secret_expires_at: _expires,
    ...rest
  } = client;
  return { ...rest, ...changes };
}

const clientCredentials = (client: Registered, secret = client.client_secret ?? '') =>
  token.postForm('/oauth/token', { grant_type: 'client_credentials' }, { id: client.client_id, secret });

describe('201', () => {
  test('everything that counts is answered, not to be cached, under an id that no account can have', async () => {
    const response = await post(token.issuer, { redirect_uris: [CALLBACK], client_name: 'App', unknown: true });
    expect([response.status, response.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const body = (await response.json()) as Registered;
    expect(body).toMatchObject({
      client_id: expect.stringMatching(/^client-[0-9a-f]{32}$/) as string,
      client_secret: expect.stringMatching(/^gh_secret_[\w-]{43}$/) as string,
      client_secret_expires_at: 0,
      client_id_issued_at: expect.any(Number) as number,
      client_name: 'App',
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
      registration_client_uri: `${token.issuer}/oauth/register/${body.client_id}`,
    });
    expect(body).not.toHaveProperty('unknown');
  });

  // ASVS 10.4.7
  test('it is never a first party and must use PKCE; the event tells what is public, and no row holds a secret', async () => {
    const client = await register({ first_party: true, pkce_required: false });
    const [event] = await token.events({ type: 'client.registered', key: client.client_id });
    expect(event?.data).toMatchObject({
      redirect_uris: [CALLBACK],
      first_party: false,
      pkce_required: true,
      registered_by: 'anyone',
    });
    const stored = JSON.stringify(await token.sql('SELECT c::text, o::text FROM client c, outbox o'));
    for (const secret of [client.client_secret, client.registration_access_token]) expect(stored).not.toContain(secret);
  });

  test('the client can use what it registered for, and a public one gets no secret', async () => {
    const machine = await register({ redirect_uris: [], grant_types: ['client_credentials'] });
    const { access_token } = (await (await clientCredentials(machine)).json()) as { access_token: string };
    expect(decodeJwt(access_token).sub).toBe(machine.client_id);
    expect(await register({ token_endpoint_auth_method: 'none' })).not.toHaveProperty('client_secret');
  });
});

describe('400', () => {
  test.each([
    ['invalid_redirect_uri', { redirect_uris: ['http://app.example/'] }],
    ['invalid_redirect_uri', { redirect_uris: 'https://app.example/' }],
    ['invalid_client_metadata', { grant_types: ['password'] }],
    ['invalid_client_metadata', { scope: 'openid everything' }],
    ['invalid_client_metadata', { token_endpoint_auth_method: 'private_key_jwt' }],
  ])('%s for %j, and nothing is registered', async (error, changes) => {
    const count = () => token.sql('SELECT count(*) FROM client');
    const before = await count();
    expect(await refusalOf(await post(token.issuer, { redirect_uris: [CALLBACK], ...changes }))).toEqual([400, error]);
    expect(await count()).toEqual(before);
  });
});

describe('who may register', () => {
  const wanted = { redirect_uris: [CALLBACK] };
  const initialToken = async (json: object) => {
    const path = '/api/v1/clients/initial-access-tokens';
    const response = await token.call('POST', path, { as: await token.adminToken(), json });
    expect(response.status).toBe(201);
    return (await response.json()) as { id: string; initial_access_token: string };
  };

  test('nobody where registration is closed, which is the default, and the metadata names no endpoint', async () => {
    expect(await refusalOf(await post(closed.url, wanted))).toEqual([403, 'access_denied']);
    const metadata = async (url: string) =>
      (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as Record<string, unknown>;
    expect(await metadata(closed.url)).not.toHaveProperty('registration_endpoint');
    expect(await metadata(token.issuer)).toMatchObject({ registration_endpoint: `${token.issuer}/oauth/register` });
  });

  test('the holder of an initial access token, as often as it says; a refused request uses nothing up', async () => {
    const { id, initial_access_token } = await initialToken({ uses: 2 });
    const invalid = { redirect_uris: ['http://x.example'] };
    expect((await post(byToken.url, invalid, initial_access_token)).status).toBe(400);
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(byToken.url, wanted, initial_access_token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 401, 401]);
    const { client_id } = (await answers.find(({ status }) => status === 201)?.json()) as Registered;
    const [event] = await token.events({ type: 'client.registered', key: client_id });
    expect(event?.data).toMatchObject({ registered_by: 'initial_access_token', initial_access_token_id: id });
    expect(JSON.stringify(await token.sql('SELECT i::text FROM initial_access_token i'))).not.toContain(initial_access_token); // prettier-ignore
  });

  test('nobody without one, with a made-up one, or with an expired one', async () => {
    const missing = await post(byToken.url, wanted);
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const { id, initial_access_token } = await initialToken({});
    await token.sql("UPDATE initial_access_token SET expires_at = now() - interval '1 second' WHERE id = $1", [id]);
    for (const wrong of ['gh_initial_made-up', initial_access_token]) {
      const response = await post(byToken.url, wanted, wrong);
      expect(response.headers.get('www-authenticate')).toContain('invalid_token');
      expect(await refusalOf(response)).toEqual([401, 'invalid_token']);
    }
  });
});

describe('RFC 7592', () => {
  test('a client reads what it registered, without its secret', async () => {
    const client = await register();
    const { client_secret: _, client_secret_expires_at: __, ...rest } = client;
    const response = await manage('GET', client);
    expect([response.status, await response.json()]).toEqual([200, rest]);
  });

  test('it replaces its metadata; the registration access token is replaced with it', async () => {
    const client = await register();
    const response = await manage('PUT', client, own(client, { client_name: 'Renamed' }));
    const changed = (await response.json()) as Registered;
    expect(changed).toMatchObject({ client_id: client.client_id, client_name: 'Renamed' });
    expect(changed).not.toHaveProperty('client_secret');
    expect(await refusalOf(await manage('GET', client))).toEqual([401, 'invalid_token']);
    expect((await manage('GET', changed)).status).toBe(200);
    expect(await token.events({ type: 'client.changed', key: client.client_id })).toHaveLength(1);
  });

  test('a method that needs a secret brings one, and one that needs none ends it', async () => {
    const client = await register({ token_endpoint_auth_method: 'none' });
    const confidential = own(client, { token_endpoint_auth_method: 'client_secret_post' });
    const changed = (await (await manage('PUT', client, confidential)).json()) as Registered;
    expect(changed.client_secret).toMatch(/^gh_secret_/);
    const back = own(changed, { token_endpoint_auth_method: 'none' });
    expect(await (await manage('PUT', changed, back)).json()).not.toHaveProperty('client_secret');
    expect(await token.sql('SELECT secret_hashes FROM client WHERE id = $1', [client.client_id])).toEqual([
      { secret_hashes: [] },
    ]);
  });

  test.each([
    ['the id of another', { client_id: 'demo' }, 'invalid_client_metadata'],
    ['a secret of its own choice', { client_secret: 'chosen' }, 'invalid_client_metadata'],
    ['a member that only the server says', { client_id_issued_at: 1 }, 'invalid_client_metadata'],
    ['a bad redirect URI', { redirect_uris: ['https://app.example/#'] }, 'invalid_redirect_uri'],
  ])('%s is refused and changes nothing', async (_, changes, error) => {
    const client = await register();
    expect(await refusalOf(await manage('PUT', client, own(client, changes)))).toEqual([400, error]);
    expect((await manage('GET', client)).status).toBe(200);
  });

  test('it removes itself: client and registration are refused, and its access token with them', async () => {
    const client = await register({ redirect_uris: [], grant_types: ['client_credentials'] });
    const { access_token } = (await (await clientCredentials(client)).json()) as { access_token: string };
    expect((await manage('DELETE', client)).status).toBe(204);
    expect(await refusalOf(await manage('GET', client))).toEqual([401, 'invalid_token']);
    expect(await refusalOf(await clientCredentials(client))).toEqual([401, 'invalid_client']);
    const key = `client:${client.client_id}`;
    expect(await token.events({ type: 'token.revoked', key })).toHaveLength(1);
    const introspected = await token.postForm('/oauth/introspect', { token: access_token }, token.client('admin'));
    expect(await introspected.json()).toEqual({ active: false });
  });

  test("another's token, a client that did not register itself and an unknown one get the same answer", async () => {
    const [one, other] = [await register(), await register()];
    const bodies = await Promise.all(
      ['demo', 'unknown', one.client_id].map(async (id) => {
        const response = await token.call('GET', `/oauth/register/${id}`, { as: other.registration_access_token });
        return [response.status, await response.json()];
      }),
    );
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(bodies[0]?.[0]).toBe(401);
    const secretInstead = { authorization: basic(one.client_id, one.client_secret ?? '') };
    expect((await token.get(`/oauth/register/${one.client_id}`, secretInstead)).status).toBe(401);
  });
});
