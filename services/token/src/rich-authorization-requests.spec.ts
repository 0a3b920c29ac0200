import { eventually } from '@gatehouse/testing';
import { authorizationPath, locationOf, newPkce, TestBrowser } from './browser.spec-support.ts';
import { PermissionAnswers } from './permission-answers.spec-support.ts';
import { refusalOf, TokenHarness, tokensOf, type Tokens } from './token.spec-support.ts';

const CALLBACK = 'https://shop.example/callback';
const PAY = 'https://pay.example';
const FILES = 'https://files.example';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SECRET = 's'.repeat(43);
const shop = { id: 'shop', secret: SECRET, redirectUri: CALLBACK };
const pay = { id: 'pay-service', secret: SECRET };
const tv = { id: 'tv', secret: SECRET, redirectUri: '' };
const payment = {
  type: 'payment',
  description: 'pay from your account',
  members: [
    { name: 'creditor', kind: 'text', required: true },
    { name: 'actions', kind: 'texts', values: ['initiate', 'status', 'cancel'] },
    { name: 'amount', kind: 'object', members: [{ name: 'value', kind: 'number', required: true }] },
  ],
};
const payResource = {
  name: 'pay',
  url: PAY,
  client_id: pay.id,
  scopes: [{ name: 'accounts:read', description: 'see your accounts' }],
  authorization_details_types: [payment],
};
const filesResource = {
  name: 'files',
  url: FILES,
  authorization_details_types: [{ type: 'file', description: 'read a file', members: [] }],
};
const asked = { type: 'payment', creditor: 'Ada & Söhne <b>', actions: ['initiate', 'status'], amount: { value: 12 } };
const file = { type: 'file', locations: [`${FILES}/a`] };

let token: TokenHarness;
let permissions: PermissionAnswers;
beforeAll(async () => {
  token = await TokenHarness.start('rich-requests', { CLIENT_REGISTRATION: 'open' });
  const machine = { secret: SECRET, grant_types: ['client_credentials'] };
  const types = ['payment', 'file'];
  await token.seed({
    clients: [
      {
        id: shop.id,
        secret: SECRET,
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token'],
        scopes: ['openid', 'accounts:read', 'stock:read'],
        authorization_details_types: types,
        first_party: false,
      },
      { ...machine, id: pay.id, grant_types: [...machine.grant_types, EXCHANGE] },
      { ...machine, id: 'machine', authorization_details_types: types },
      { ...machine, id: 'unregistered' },
      {
        id: tv.id,
        secret: SECRET,
        grant_types: [DEVICE_GRANT, 'refresh_token'],
        scopes: ['openid', 'stock:read'],
        authorization_details_types: types,
        first_party: false,
      },
    ],
  });
  permissions = await PermissionAnswers.start(token.suite);
  for (const resource of [payResource, filesResource]) expect((await change('POST', '', resource)).status).toBe(201);
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
});

const change = async (method: string, path: string, json?: unknown) =>
  token.call(method, `/api/v1/resources${path}`, { as: await token.adminToken(), json });
const json = (...details: unknown[]) => JSON.stringify(details);
type Body = Tokens & { readonly authorization_details?: unknown[] };
const bodyOf = async (response: Response) => (await tokensOf(response)) as Body;

/** A new person, as far as the answer to a request for these details, having allowed them. */
async function allowed(details: string, changes: Record<string, string> = {}) {
  const { email, password, id } = await token.account();
  const browser = new TestBrowser(token.issuer);
  const pkce = newPkce();
  const path = authorizationPath(shop, pkce, { scope: 'openid', authorization_details: details, ...changes });
  const consent = locationOf(await browser.submit(await browser.openLogin(path), { email, password }));
  expect(consent.pathname).toBe('/consent');
  const page = await (await browser.get(consent.href)).text();
  const code = locationOf(await browser.submit(page, { decision: 'allow' })).searchParams.get('code') ?? '';
  const exchange = async (more: Record<string, string> = {}) => {
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: pkce.verifier };
    return token.postForm('/oauth/token', { ...form, ...more }, shop);
  };
  return { page, browser, exchange, accountId: id };
}

const introspect = async (value: string, by: { id: string; secret: string }) =>
  (await (await token.postForm('/oauth/introspect', { token: value }, by)).json()) as Record<string, unknown>;

test('what a person allowed in detail is in the response, the access token and introspection, for the resource of its type', async () => {
  const { exchange, accountId } = await allowed(json(asked));
  const tokens = await bodyOf(await exchange());
  expect(tokens.authorization_details).toEqual([asked]);
  expect(tokens.claims).toMatchObject({ aud: PAY, scope: 'openid', authorization_details: [asked] });
  for (const by of [shop, pay])
    expect(await introspect(tokens.access_token, by)).toMatchObject({ active: true, authorization_details: [asked] });
  expect(await introspect(tokens.refresh_token, shop)).toMatchObject({ authorization_details: [asked] });

  const list = await token.call('GET', `/api/v1/grants?account_id=${accountId}`, { as: await token.adminToken() });
  expect(await list.json()).toMatchObject({ items: [{ resources: [PAY], authorization_details: [asked] }] });

  const [granted] = await token.events({ type: 'grant.created', key: tokens.claims.grant_id });
  expect(granted?.data).toMatchObject({ authorization_details_types: ['payment'] });
  const [consent] = await token.events({ type: 'consent.given', key: accountId });
  expect(consent?.data).toMatchObject({ authorization_details_types: ['payment'] });
  expect(JSON.stringify([granted, consent])).not.toContain('Ada');
});

// ASVS 10.7.2
test('the person sees all of it, as text', async () => {
  const { page } = await allowed(json(asked, file), { scope: 'openid accounts:read' });
  expect(page).toContain('pay from your account');
  expect(page).toContain('creditor: Ada &amp; Söhne &lt;b&gt;');
  expect(page).toContain('actions: initiate, status');
  expect(page).toContain('amount value: 12');
  expect(page).toContain(`locations: ${FILES}/a`);
  expect(page).toContain('see your accounts');
});

test('and is asked again each time: what was allowed in detail was allowed once', async () => {
  const { browser } = await allowed(json(asked));
  const next = async (changes: Record<string, string>) =>
    locationOf(await browser.get(authorizationPath(shop, newPkce(), { scope: 'openid', ...changes })));
  expect((await next({ authorization_details: json(asked) })).pathname).toBe('/consent');
  const silent = await next({ authorization_details: json(asked), prompt: 'none' });
  expect(silent.searchParams.get('error')).toBe('consent_required');
  expect((await next({ prompt: 'none' })).searchParams.get('code')).not.toBeNull();
});

test('a code gives less where less is asked for, the grant keeps it all, and nothing gives more', async () => {
  const { exchange } = await allowed(json(asked, file));
  const less = { ...asked, actions: ['status'] };
  const first = await bodyOf(await exchange({ authorization_details: json(less) }));
  expect([first.authorization_details, first.claims['authorization_details']]).toEqual([[less], [less]]);

  const again = await bodyOf(await token.refresh(first.refresh_token, {}, shop));
  expect([again.authorization_details, again.claims.aud]).toEqual([
    [asked, file],
    [PAY, FILES],
  ]);

  for (const more of [
    json({ ...asked, creditor: 'Eve' }),
    json({ ...asked, actions: ['initiate', 'status', 'cancel'] }),
    json({ type: 'payment', creditor: asked.creditor, amount: asked.amount }),
    json({ type: 'file' }),
    'no json',
  ]) {
    const response = await token.refresh(again.refresh_token, { authorization_details: more }, shop);
    expect(await refusalOf(response)).toEqual([400, 'invalid_authorization_details']);
  }
  const narrowed = await token.refresh(again.refresh_token, { authorization_details: json(file) }, shop);
  expect((await bodyOf(narrowed)).authorization_details).toEqual([file]);
});

test('a token for one resource has the details of that one, and others are refused there', async () => {
  const tokens = await bodyOf(await (await allowed(json(asked, file))).exchange({ resource: FILES }));
  expect([tokens.claims.aud, tokens.authorization_details]).toEqual([FILES, [file]]);
  const wrong = { resource: FILES, authorization_details: json(asked) };
  const refused = await token.refresh(tokens.refresh_token, wrong, shop);
  expect(await refusalOf(refused)).toEqual([400, 'invalid_authorization_details']);
});

// ASVS 10.4.15
test('a pushed request is checked when it is pushed, and shown and granted like any other (RFC 9126)', async () => {
  const pkce = newPkce();
  const form = {
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
  };
  const push = (details: string) => token.postForm('/oauth/par', { ...form, authorization_details: details }, shop);
  expect(await refusalOf(await push(json({ type: 'payment' })))).toEqual([400, 'invalid_authorization_details']);
  const { request_uri } = (await (await push(json(asked))).json()) as { request_uri: string };
  const { email, password } = await token.account();
  const browser = new TestBrowser(token.issuer);
  const query = new URLSearchParams({ client_id: 'shop', request_uri }).toString();
  const login = await browser.openLogin(`/oauth/authorize?${query}`);
  const consent = locationOf(await browser.submit(login, { email, password }));
  const page = await (await browser.get(consent.href)).text();
  expect(page).toContain('pay from your account');
  const code = locationOf(await browser.submit(page, { decision: 'allow' })).searchParams.get('code') ?? '';
  const exchange = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: pkce.verifier };
  expect((await bodyOf(await token.postForm('/oauth/token', exchange, shop))).authorization_details).toEqual([asked]);
});

test.each<[string, string]>([
  ['no JSON', '{'],
  ['an unknown type', json({ type: 'unknown' })],
  ['a member that the type does not have', json({ ...asked, more: true })],
  ['a member that is missing', json({ type: 'payment' })],
  ['a location of somebody else', json({ type: 'file', locations: ['https://evil.example'] })],
])('%s goes back to the client as invalid_authorization_details, before anyone logs in', async (_, details) => {
  const path = authorizationPath(shop, newPkce(), { scope: 'openid', authorization_details: details });
  const answer = locationOf(await new TestBrowser(token.issuer).get(path));
  expect([answer.origin + answer.pathname, answer.searchParams.get('error')]).toEqual([
    CALLBACK,
    'invalid_authorization_details',
  ]);
});

test('a scope beside the details is one of their resource, or is refused', async () => {
  const answer = async (scope: string) => {
    const path = authorizationPath(shop, newPkce(), { scope, authorization_details: json(asked) });
    return locationOf(await new TestBrowser(token.issuer).get(path));
  };
  expect((await answer('openid accounts:read')).pathname).toBe('/login');
  expect((await answer('openid stock:read')).searchParams.get('error')).toBe('invalid_scope');
});

test('a client gets for itself what it is registered for, for the resource of its type, and others get nothing', async () => {
  const ask = (id: string, details: string) =>
    token.postForm(
      '/oauth/token',
      { grant_type: 'client_credentials', authorization_details: details },
      { id, secret: SECRET },
    );
  const own = await bodyOf(await ask('machine', json(asked)));
  expect([own.authorization_details, own.claims.aud]).toEqual([[asked], PAY]);
  const [fact] = (await token.events({ type: 'token.issued' })).filter(({ data }) => data?.['jti'] === own.claims.jti);
  expect(fact?.data).toMatchObject({ authorization_details_types: ['payment'], audience: [PAY] });
  expect(await refusalOf(await ask('unregistered', json(asked)))).toEqual([400, 'invalid_authorization_details']);
  expect(await refusalOf(await ask('machine', json({ ...asked, actions: ['steal'] })))).toEqual([
    400,
    'invalid_authorization_details',
  ]);
});

describe('a device', () => {
  const start = (details: string, changes: Record<string, string> = {}) =>
    token.postForm('/oauth/device_authorization', { scope: 'openid', authorization_details: details, ...changes }, tv);
  const poll = (code: string, changes: Record<string, string> = {}) =>
    token.postForm('/oauth/token', { grant_type: DEVICE_GRANT, device_code: code, ...changes }, tv);

  async function allowedDevice(details: string) {
    const codes = (await (await start(details)).json()) as { device_code: string; user_code: string };
    const { email, password } = await token.account();
    const browser = new TestBrowser(token.issuer);
    const entry = await (await browser.get('/device')).text();
    const login = locationOf(await browser.submit(entry, { user_code: codes.user_code }));
    const form = await (await browser.get(login.href)).text();
    const question = locationOf(await browser.submit(form, { email, password }));
    const page = await (await browser.get(question.href)).text();
    expect((await browser.submit(page, { decision: 'allow' })).status).toBe(200);
    return { page, code: codes.device_code };
  }

  test('gets what the person saw and allowed, for the resources of its types; of a token, less where less is asked for', async () => {
    const { page, code } = await allowedDevice(json(asked, file));
    expect(page).toContain('creditor: Ada &amp; Söhne &lt;b&gt;');
    expect(page).toContain(`locations: ${FILES}/a`);
    const tokens = await bodyOf(await poll(code, { authorization_details: json(file) }));
    expect([tokens.authorization_details, tokens.claims.aud]).toEqual([[file], [PAY, FILES]]);
    const approvals = await token.events({ type: 'device-authorization.approved', key: tokens.claims.grant_id });
    expect(approvals[0]?.data).toMatchObject({ authorization_details_types: ['payment', 'file'] });
    expect(JSON.stringify(approvals)).not.toContain('Ada');
    const refreshed = await bodyOf(await token.refresh(tokens.refresh_token, {}, tv));
    expect(refreshed.authorization_details).toEqual([asked, file]);
  });

  test('is refused what its client may not ask for when it asks for its codes, and later what nobody allowed', async () => {
    for (const details of ['{', json({ type: 'unknown' }), json({ type: 'payment' })])
      expect(await refusalOf(await start(details))).toEqual([400, 'invalid_authorization_details']);
    expect(await refusalOf(await start(json(asked), { scope: 'stock:read' }))).toEqual([400, 'invalid_scope']);
    const { code } = await allowedDevice(json(asked));
    const more = { authorization_details: json({ ...asked, creditor: 'Eve' }) };
    expect(await refusalOf(await poll(code, more))).toEqual([400, 'invalid_authorization_details']);
    expect((await bodyOf(await poll(code))).authorization_details).toEqual([asked]);
  });
});

describe('a client that registers itself', () => {
  const register = (metadata: Record<string, unknown>) =>
    token.postJson('/oauth/register', { redirect_uris: [CALLBACK], scope: 'openid', ...metadata });
  interface Registered {
    readonly client_id: string;
    readonly client_secret: string;
    readonly registration_access_token: string;
  }

  test('may ask people for types that there are, who are asked each time', async () => {
    const response = await register({ authorization_details_types: ['payment'] });
    expect(response.status).toBe(201);
    const { client_id: id } = (await response.json()) as Registered;
    const { email, password } = await token.account();
    const browser = new TestBrowser(token.issuer);
    const path = authorizationPath({ id, redirectUri: CALLBACK }, newPkce(), {
      scope: 'openid',
      authorization_details: json(asked),
    });
    const consent = locationOf(await browser.submit(await browser.openLogin(path), { email, password }));
    expect(consent.pathname).toBe('/consent');
    const page = await (await browser.get(consent.href)).text();
    expect(page).toContain('pay from your account');
    expect(locationOf(await browser.submit(page, { decision: 'allow' })).searchParams.has('code')).toBe(true);
    expect(locationOf(await browser.get(path)).pathname).toBe('/consent');
  });

  test('gets none of a type that there is not, and none for itself', async () => {
    for (const metadata of [
      { authorization_details_types: ['unknown'] },
      { authorization_details_types: ['payment'], grant_types: ['client_credentials'], redirect_uris: [] },
    ])
      expect(await refusalOf(await register(metadata))).toEqual([400, 'invalid_client_metadata']);
  });

  test('cannot give itself types once an administrator has made it a first party, about which nobody is asked', async () => {
    const own = (await (await register({})).json()) as Registered;
    const path = `/oauth/register/${own.client_id}`;
    const put = (as: string, types: string[]) =>
      token.call('PUT', path, {
        as,
        json: {
          client_id: own.client_id,
          redirect_uris: [CALLBACK],
          scope: 'openid',
          authorization_details_types: types,
        },
      });
    const added = await put(own.registration_access_token, ['file']);
    expect(added.status).toBe(200);
    const { registration_access_token: as } = (await added.json()) as Registered;
    await token.sql(`UPDATE client SET policy = policy || '{"first_party": true}' WHERE id = $1`, [own.client_id]);
    expect(await refusalOf(await put(as, ['file', 'payment']))).toEqual([400, 'invalid_client_metadata']);
    expect((await put(as, ['file'])).status).toBe(200);
  });
});

test('an exchanged token has the details for its audience, or fewer, and never others', async () => {
  const { access_token } = await bodyOf(await (await allowed(json(asked, file))).exchange());
  const exchange = (more: Record<string, string>) =>
    token.postForm(
      '/oauth/token',
      { grant_type: EXCHANGE, subject_token: access_token, subject_token_type: ACCESS_TOKEN, resource: FILES, ...more },
      pay,
    );
  permissions.give(pay.id, 'token-exchange:files', 'token:impersonate');
  const exchanged = await bodyOf(await exchange({}));
  expect([exchanged.claims.aud, exchanged.authorization_details]).toEqual([FILES, [file]]);
  for (const details of [json(asked), json({ type: 'file' })])
    expect(await refusalOf(await exchange({ authorization_details: details }))).toEqual([
      400,
      'invalid_authorization_details',
    ]);
});

test('discovery names the types; one that its resource gives up is neither asked for nor given any more', async () => {
  const types = async () => {
    const document = (await (await token.get('/.well-known/oauth-authorization-server')).json()) as Record<
      string,
      unknown
    >;
    return document['authorization_details_types_supported'];
  };
  expect(await types()).toEqual(['file', 'payment']);
  const { exchange } = await allowed(json(asked, file));
  const tokens = await bodyOf(await exchange());
  const { name, ...described } = filesResource;
  expect((await change('PUT', `/${name}`, { ...described, authorization_details_types: [] })).status).toBe(200);
  await eventually(async () => expect(await types()).toEqual(['payment']), { within: '5s' });
  const refreshed = await bodyOf(await token.refresh(tokens.refresh_token, {}, shop));
  expect(refreshed.authorization_details).toEqual([asked]);
  const path = authorizationPath(shop, newPkce(), { scope: 'openid', authorization_details: json(file) });
  const answer = locationOf(await new TestBrowser(token.issuer).get(path));
  expect(answer.searchParams.get('error')).toBe('invalid_authorization_details');
});
