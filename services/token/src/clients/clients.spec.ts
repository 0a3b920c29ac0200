import { eventually } from '@gatehouse/testing';
import { Permissions, refusalOf, TokenHarness, tokensOf } from '../token.spec-support.ts';

let token: TokenHarness;
let permissions: Permissions;
let admin: string;
beforeAll(async () => {
  token = await TokenHarness.start('clients');
  permissions = await Permissions.start(token.suite);
  admin = await token.adminToken();
}, 60_000);
afterAll(async () => {
  await permissions?.stop();
  await token.stop();
});

interface Client {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly secrets: { id: string }[];
  readonly version: number;
  readonly disabled_at: string | null;
  readonly metadata: Record<string, unknown>;
  readonly policy: Record<string, unknown>;
}

const machine = { grant_types: ['client_credentials'] };
const call = (method: string, path = '', json?: unknown, headers?: Record<string, string>) =>
  token.call(method, `/api/v1/clients${path}`, { as: admin, json, ...(headers && { headers }) });

async function create(metadata: Record<string, unknown> = machine, policy?: Record<string, unknown>): Promise<Client> {
  const response = await call('POST', '', { metadata, ...(policy && { policy }) });
  expect(response.status).toBe(201);
  return (await response.json()) as Client;
}

const clientCredentials = (id: string, secret = '') =>
  token.postForm('/oauth/token', { grant_type: 'client_credentials' }, { id, secret });
const typesOf = async (id: string) => (await token.events({ key: id })).map(({ type }) => type);

describe('a client', () => {
  test('is made with an id and a secret of the server, is usable at once, and its secret is shown once', async () => {
    const { client_secret, ...client } = await create(machine, { first_party: true });
    expect(client).toMatchObject({ version: 1, disabled_at: null, policy: { first_party: true, pkce_required: true } });
    expect((await clientCredentials(client.client_id, client_secret)).status).toBe(200);
    const read = await call('GET', `/${client.client_id}`);
    expect(read.headers.get('etag')).toBe('"1"');
    expect(await read.json()).toEqual(client);
    expect(await typesOf(client.client_id)).toEqual(['client.registered']);
  });

  test('is listed in pages, each once', async () => {
    await create();
    const all = (await (await call('GET', '?limit=200')).json()) as { items: Client[] };
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Response = await call('GET', `?limit=3${cursor && `&cursor=${cursor}`}`);
      const { items, next_cursor } = (await page.json()) as { items: Client[]; next_cursor: string | null };
      ids.push(...items.map(({ client_id }) => client_id));
      cursor = next_cursor;
    }
    expect(ids).toEqual(all.items.map(({ client_id }) => client_id));
    expect(ids).toEqual(expect.arrayContaining(['admin', 'demo']));
  });

  test('is replaced as a whole, with If-Match only in the version that was read', async () => {
    const { client_id } = await create();
    const json = { metadata: { ...machine, client_name: 'Renamed' }, policy: { resources: ['token'] } };
    const changed = await call('PUT', `/${client_id}`, json, { 'if-match': '"1"' });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect(await changed.json()).toMatchObject({
      metadata: { client_name: 'Renamed' },
      policy: { resources: ['token'] },
    });
    expect((await call('PUT', `/${client_id}`, json, { 'if-match': '"1"' })).status).toBe(412);
    expect(await typesOf(client_id)).toEqual(['client.registered', 'client.changed']);
  });

  test('what GET shows of a seeded client, PUT accepts', async () => {
    const { metadata, policy } = (await (await call('GET', '/demo')).json()) as Client;
    const { redirect_uris: _, ...rest } = metadata;
    const json = { metadata: { ...rest, redirect_uris: ['https://demo.example/callback'] }, policy };
    expect((await call('PUT', '/demo', json)).status).toBe(200);
    await token.seed({ clients: [...token.suite.seed.clients] });
  });

  test('that is deleted is gone with its grants, and its access tokens are revoked', async () => {
    const { client_id, client_secret } = await create();
    const { access_token } = await tokensOf(await clientCredentials(client_id, client_secret));
    expect((await token.me(access_token)).status).toBe(200);
    expect((await call('DELETE', `/${client_id}`)).status).toBe(204);
    expect((await call('GET', `/${client_id}`)).status).toBe(404);
    expect(await refusalOf(await clientCredentials(client_id, client_secret))).toEqual([401, 'invalid_client']);
    await eventually(async () => expect((await token.me(access_token)).status).toBe(401), { within: '5s' });
    expect(await typesOf(client_id)).toEqual(['client.registered', 'client.removed']);
  });
});

describe('400', () => {
  test.each([
    ['a redirect URI over http', { redirect_uris: ['http://app.example'] }, '#/metadata/redirect_uris/0'],
    ['no redirect URI', {}, '#/metadata/redirect_uris'],
    ['a member that is not known', { ...machine, client_nmae: 'x' }, '#/metadata/client_nmae'],
  ])('%s is named, and nothing is registered', async (_, metadata, pointer) => {
    const response = await call('POST', '', { metadata });
    const body = (await response.json()) as { errors: { pointer: string }[] };
    expect([response.status, body.errors.map((error) => error.pointer)]).toEqual([400, [pointer]]);
  });
});

test('the FAPI 2.0 profile is only for clients that keep to it', async () => {
  const metadata = { redirect_uris: ['https://bank.example/callback'] };
  const policy = { security_profile: 'fapi2' };
  const refused = await call('POST', '', { metadata, policy });
  const { errors } = (await refused.json()) as { errors: { pointer: string }[] };
  expect(errors.map(({ pointer }) => pointer)).toEqual(['#/metadata/token_endpoint_auth_method']);
  const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://bank.example/jwks' };
  const { client_id } = await create({ ...metadata, ...keys }, policy);
  expect((await call('PUT', `/${client_id}`, { metadata, policy })).status).toBe(400);
  expect(await typesOf(client_id)).toEqual(['client.registered']);
});

describe('secrets', () => {
  test('are replaced without a pause: a second beside the first, at most two, and the first goes at once', async () => {
    const { client_id, client_secret, secrets } = await create();
    const added = await call('POST', `/${client_id}/secrets`);
    expect(added.status).toBe(201);
    const second = (await added.json()) as { id: string; client_secret: string };
    for (const secret of [client_secret, second.client_secret])
      expect((await clientCredentials(client_id, secret)).status).toBe(200);
    expect((await call('POST', `/${client_id}/secrets`)).status).toBe(409);

    expect((await call('DELETE', `/${client_id}/secrets/${secrets[0]?.id}`)).status).toBe(204);
    expect(await refusalOf(await clientCredentials(client_id, client_secret))).toEqual([401, 'invalid_client']);
    expect((await clientCredentials(client_id, second.client_secret)).status).toBe(200);
    expect((await call('DELETE', `/${client_id}/secrets/${second.id}`)).status).toBe(409);
    expect(await typesOf(client_id)).toEqual(['client.registered', 'client-secret.added', 'client-secret.removed']);
  });

  test('are in no event and no row', async () => {
    const { client_id, client_secret = '' } = await create();
    const { client_secret: second } = (await (await call('POST', `/${client_id}/secrets`)).json()) as Client;
    const stored = JSON.stringify(await token.sql('SELECT c::text, o::text FROM client c, outbox o'));
    for (const secret of [client_secret, second ?? '']) {
      expect(secret).toMatch(/^gh_secret_[\w-]{43}$/);
      expect(stored).not.toContain(secret);
    }
  });

  test('a public client gets none', async () => {
    const { client_id, client_secret } = await create({
      redirect_uris: ['https://app.example/callback'],
      token_endpoint_auth_method: 'none',
    });
    expect(client_secret).toBeUndefined();
    expect((await call('POST', `/${client_id}/secrets`)).status).toBe(409);
  });
});

describe('a disabled client', () => {
  test('is refused with its tokens until it is enabled again; repeating either tells nothing', async () => {
    const { client_id, client_secret } = await create();
    const { access_token } = await tokensOf(await clientCredentials(client_id, client_secret));
    for (const _ of [1, 2]) {
      const disabled = (await (await call('POST', `/${client_id}/disable`)).json()) as Client;
      expect(disabled.disabled_at).not.toBeNull();
    }
    expect(await refusalOf(await clientCredentials(client_id, client_secret))).toEqual([401, 'invalid_client']);
    await eventually(async () => expect((await token.me(access_token)).status).toBe(401), { within: '5s' });
    for (const _ of [1, 2]) expect((await call('POST', `/${client_id}/enable`)).status).toBe(200);
    expect((await clientCredentials(client_id, client_secret)).status).toBe(200);
    expect(await typesOf(client_id)).toEqual(['client.registered', 'client.disabled', 'client.enabled']);
  });

  test('disabled a second time, its tokens are revoked a second time', async () => {
    const { client_id } = await create();
    const key = `client:${client_id}`;
    for (const step of ['disable', 'enable', 'disable']) await call('POST', `/${client_id}/${step}`);
    const revocations = await token.events({ type: 'token.revoked', key });
    expect(revocations.map(({ data }) => data)).toMatchObject([
      { scope: 'client', id: client_id, account_id: null, reason: 'disabled' },
      { scope: 'client', id: client_id, account_id: null, reason: 'disabled' },
    ]);
    expect(await token.sql('SELECT expires_at FROM revocation WHERE key = $1', [key])).toEqual([
      { expires_at: new Date(String(revocations[1]?.data?.['expires_at'])) },
    ]);
  });
});

describe('grants', () => {
  const grants = async (query: string) => {
    const response = await token.call('GET', `/api/v1/grants?${query}`, { as: admin });
    return ((await response.json()) as { items: Record<string, unknown>[] }).items;
  };

  test('are found by account and client, and end with all their tokens', async () => {
    const { accountId, access_token, refresh_token, claims } = await token.login();
    await token.login();
    const found = await grants(`account_id=${accountId}&client_id=demo`);
    expect(found).toMatchObject([{ id: claims.grant_id, account_id: accountId, client_id: 'demo' }]);
    expect(await grants(`account_id=${accountId}&client_id=admin`)).toEqual([]);

    for (const _ of [1, 2])
      expect((await token.call('DELETE', `/api/v1/grants/${claims.grant_id}`, { as: admin })).status).toBe(204);
    expect(await refusalOf(await token.refresh(refresh_token))).toEqual([400, 'invalid_grant']);
    await eventually(async () => expect((await token.me(access_token)).status).toBe(401), { within: '5s' });
    expect(await grants(`account_id=${accountId}`)).toEqual([]);
    expect(await token.events({ type: 'token.revoked', key: `grant:${claims.grant_id}` })).toHaveLength(1);
  });
});

test('401 and 403: without a token, and without the permission, nothing is shown or changed', async () => {
  const { claims, access_token } = await token.login();
  for (const [method, path] of [
    ['GET', '/api/v1/clients'],
    ['POST', '/api/v1/clients/demo/disable'],
    ['GET', '/api/v1/grants'],
    ['DELETE', `/api/v1/grants/${claims.grant_id}`],
  ] as const) {
    expect((await token.call(method, path)).status).toBe(401);
    expect((await token.call(method, path, { as: access_token })).status).toBe(403);
  }
  expect((await token.me(access_token)).status).toBe(200);
});
