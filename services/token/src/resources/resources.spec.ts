import type { TokenResource } from '@gatehouse/contracts';
import { eventually } from '@gatehouse/testing';
import { PermissionAnswers } from '../permission-answers.spec-support.ts';
import { refusalOf, TokenHarness, tokensOf } from '../token.spec-support.ts';

const SECRET = 's'.repeat(43);
const shop = { id: 'shop', secret: SECRET };
let token: TokenHarness;
let permissions: PermissionAnswers;
let as: string;
beforeAll(async () => {
  token = await TokenHarness.start('resources');
  await token.seed({
    clients: [
      { ...shop, grant_types: ['client_credentials'], scopes: ['a:read', 'a:write', 'b:read'] },
      { id: 'orders', secret: SECRET, grant_types: ['client_credentials'] },
    ],
  });
  permissions = await PermissionAnswers.start(token.suite);
  as = await token.adminToken();
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
});

let count = 0;
const PATH = '/api/v1/resources';
const described = (changes: Record<string, unknown> = {}) => {
  const name = `orders-${++count}`;
  const scopes = [{ name: 'a:read', description: 'see your orders' }];
  const types = [{ type: `${name}/order`, description: 'order', members: [{ name: 'item', kind: 'text' }] }];
  return {
    name,
    url: `https://${name}.example`,
    client_id: null,
    scopes,
    authorization_details_types: types,
    ...changes,
  };
};
const add = (json: unknown) => token.call('POST', PATH, { as, json });
const added = async (json = described()) => {
  const response = await add(json);
  expect(response.status).toBe(201);
  return (await response.json()) as TokenResource;
};
const put = ({ name, ...json }: { name: string }, match?: string) =>
  token.call('PUT', `${PATH}/${name}`, { as, json, ...(match !== undefined && { headers: { 'if-match': match } }) });
const remove = (name: string, match?: string) =>
  token.call('DELETE', `${PATH}/${name}`, { as, ...(match !== undefined && { headers: { 'if-match': match } }) });
const inputOf = ({ name, url, client_id, scopes, authorization_details_types }: TokenResource) => ({
  name,
  url,
  client_id,
  scopes,
  authorization_details_types,
});
const ask = (form: Record<string, string>) =>
  token.postForm('/oauth/token', { grant_type: 'client_credentials', ...form }, shop);

test('what is added is answered with its ETag, read, listed and told', async () => {
  const json = described();
  const response = await add(json);
  expect([response.status, response.headers.get('etag')]).toEqual([201, '"1"']);
  const resource = (await response.json()) as TokenResource;
  expect(resource).toMatchObject({ name: json.name, url: json.url, scopes: json.scopes, version: 1 });
  expect(await (await token.call('GET', `${PATH}/${json.name}`, { as })).json()).toEqual(resource);
  const list = (await (await token.call('GET', PATH, { as })).json()) as { items: unknown[] };
  expect(list.items).toContainEqual(resource);
  const [event] = await token.events({ key: json.name });
  expect(event).toMatchObject({ type: 'resource.added', data: inputOf(resource) });
  expect(event?.headers).toMatchObject({ ce_actorkind: 'client', ce_actorid: 'admin' });
});

test('a change replaces all but the name, for whoever has seen the present version', async () => {
  const resource = await added();
  const json = { ...inputOf(resource), scopes: null, authorization_details_types: [] };
  expect((await put(json, '"2"')).status).toBe(412);
  const changed = (await (await put(json, '"1"')).json()) as TokenResource;
  expect(changed).toMatchObject({ ...json, version: 2 });
  const events = await token.events({ key: resource.name });
  expect(events.map(({ type }) => type)).toEqual(['resource.added', 'resource.changed']);
  expect(events.at(-1)?.data).toEqual(json);
});

test('what is removed is gone, and told once', async () => {
  const { name, url } = await added();
  expect((await remove(name, '"7"')).status).toBe(412);
  expect([(await remove(name)).status, (await remove(name)).status]).toEqual([204, 404]);
  expect((await token.call('GET', `${PATH}/${name}`, { as })).status).toBe(404);
  const [, removed, ...more] = await token.events({ key: name });
  expect([removed?.type, removed?.data, more]).toEqual(['resource.removed', { name, url }, []]);
});

test('lists end, page by page, in the order of names', async () => {
  const names = [(await added()).name, (await added()).name, (await added()).name].sort();
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = `?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`;
    const page = (await (await token.call('GET', PATH + query, { as })).json()) as {
      items: TokenResource[];
      next_cursor: string | null;
    };
    seen.push(...page.items.map(({ name }) => name));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(seen.filter((name) => names.includes(name))).toEqual(names);
});

test('one name, and one URL, with a slash or without, are one resource; nothing is told of what is refused', async () => {
  const [first, second] = [await added(), await added()];
  expect((await add({ ...described(), name: first.name })).status).toBe(409);
  expect((await add(described({ url: `${first.url}/` }))).status).toBe(409);
  expect((await put({ ...inputOf(second), ...{ url: first.url } })).status).toBe(409);
  expect(await token.events({ key: second.name })).toHaveLength(1);
});

test('a type of authorization details belongs to one resource', async () => {
  const [first, second] = [await added(), await added()];
  const types = first.authorization_details_types;
  const pointer = '#/authorization_details_types/0/type';
  for (const response of [
    await add(described({ authorization_details_types: types })),
    await put({ ...inputOf(second), ...{ authorization_details_types: types } }),
  ])
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ pointer }] }]);
  expect((await put(inputOf(first))).status).toBe(200);
});

test.each<[string, () => Record<string, unknown>, string]>([
  ['the name of the issuer', () => ({ name: 'token' }), '#/name'],
  ['a name in capitals', () => ({ name: 'Orders' }), '#/name'],
  ['the URL of the issuer', () => ({ url: `${token.issuer}/` }), '#/url'],
  ['a URL with a fragment', () => ({ url: 'https://a.example/#b' }), '#/url'],
  ['a URL with user information', () => ({ url: 'https://a@b.example' }), '#/url'],
  ['no web URL', () => ({ url: 'ftp://a.example' }), '#/url'],
  ['a client that is none', () => ({ client_id: 'nobody' }), '#/client_id'],
  ['a scope of the issuer', () => ({ scopes: [{ name: 'openid' }] }), '#/scopes/0/name'],
  ['a scope with a space', () => ({ scopes: [{ name: 'a b' }] }), '#/scopes/0/name'],
  ['one scope twice', () => ({ scopes: [{ name: 'a' }, { name: 'a' }] }), '#/scopes'],
  ['one type twice', () => ({ authorization_details_types: [type(), type()] }), '#/authorization_details_types'],
  [
    'a member of every type',
    () => ({ authorization_details_types: [type([{ name: 'locations', kind: 'texts' }])] }),
    '#/authorization_details_types/0/members/0',
  ],
])('%s is refused, and nothing changes', async (_, wrong, pointer) => {
  const before = await token.sql('SELECT count(*) FROM resource');
  const response = await add(described(wrong()));
  expect(response.status).toBe(400);
  const { errors } = (await response.json()) as { errors: { pointer: string }[] };
  expect(errors.map((error) => error.pointer.startsWith(pointer))).toContain(true);
  expect(await token.sql('SELECT count(*) FROM resource')).toEqual(before);
});
const type = (members: unknown[] = []) => ({ type: 'one', description: 'one', members });

test('whoever lacks the permission is refused, and it is the platform that is asked', async () => {
  const own = (await tokensOf(await ask({}))).access_token;
  const status = async (method: string, json?: unknown) =>
    (await token.call(method, PATH, { as: own, ...(json !== undefined && { json }) })).status;
  expect([await status('GET'), await status('POST', described())]).toEqual([403, 403]);
  permissions.give('shop', 'resource:read');
  expect([await status('GET'), await status('POST', described())]).toEqual([200, 403]);
});

describe('the token endpoint (RFC 8707)', () => {
  test('issues tokens for a resource from when it is added until it is removed, and for no other', async () => {
    const json = described();
    const wish = { resource: json.url };
    expect(await refusalOf(await ask(wish))).toEqual([400, 'invalid_target']);
    await added(json);
    expect((await tokensOf(await ask(wish))).claims.aud).toBe(json.url);
    await remove(json.name);
    expect(await refusalOf(await ask(wish))).toEqual([400, 'invalid_target']);
  });

  test('refuses a scope that the resource does not have, and takes it where the resource lists none', async () => {
    const resource = await added();
    const wish = { resource: resource.url, scope: 'a:read b:read' };
    expect(await refusalOf(await ask(wish))).toEqual([400, 'invalid_scope']);
    expect((await tokensOf(await ask({ ...wish, scope: 'a:read' }))).scope).toBe('a:read');
    await put({ ...inputOf(resource), ...{ scopes: null } });
    expect((await tokensOf(await ask(wish))).scope).toBe('a:read b:read');
  });

  test('only a client whose policy names the resource gets tokens for it', async () => {
    const { url } = await added();
    await token.seed({ clients: [{ ...shop, id: 'narrow', grant_types: ['client_credentials'], resources: [] }] });
    const form = { grant_type: 'client_credentials', resource: url };
    expect(await refusalOf(await token.postForm('/oauth/token', form, { ...shop, id: 'narrow' }))).toEqual([
      400,
      'invalid_target',
    ]);
  });

  test('the client that a service is may introspect its tokens, and no client of its name', async () => {
    const [theirs, nobodys] = [
      await added(described({ client_id: 'orders' })),
      await added({ ...described(), name: 'shop' }),
    ];
    const introspected = async (resource: string, caller: { id: string; secret: string }) => {
      const form = { grant_type: 'client_credentials', resource };
      const { access_token } = await tokensOf(await token.postForm('/oauth/token', form, token.client('admin')));
      const response = await token.postForm('/oauth/introspect', { token: access_token }, caller);
      return ((await response.json()) as { active: boolean }).active;
    };
    const orders = { id: 'orders', secret: SECRET };
    expect(await introspected(theirs.url, orders)).toBe(true);
    expect(await introspected(theirs.url, shop)).toBe(false);
    expect(await introspected(nobodys.url, shop)).toBe(false);
    await remove(theirs.name);
    await remove('shop');
  });
});

describe('a grant of a person', () => {
  test('gives tokens for each of its resources with the scopes of that one only, and keeps the rest', async () => {
    const [a, b] = [await added(), await added(described({ scopes: [{ name: 'b:read' }] }))];
    await token.sql(`UPDATE client SET metadata = metadata || '{"scope":"openid a:read b:read"}', version = version + 1
      WHERE id = 'demo'`);
    const asked = { scope: 'openid a:read b:read', resource: [a.url, b.url] };
    const both = await eventually(() => token.login(asked), { within: '40s' });
    expect([both.scope, both.claims.aud]).toEqual(['openid a:read b:read', [a.url, b.url]]);
    const forA = await tokensOf(await token.refresh(both.refresh_token, { resource: a.url }));
    expect([forA.scope, forA.claims.aud]).toEqual(['openid a:read', a.url]);
    const refused = await token.refresh(forA.refresh_token, { resource: a.url, scope: 'b:read' });
    expect(await refusalOf(refused)).toEqual([400, 'invalid_scope']);
    const forB = await tokensOf(await token.refresh(forA.refresh_token, { resource: b.url }));
    expect(forB.scope).toBe('openid b:read');
    await remove(b.name);
    const left = await tokensOf(await token.refresh(forB.refresh_token));
    expect([left.scope, left.claims.aud]).toEqual(['openid a:read', a.url]);
    await remove(a.name);
    expect(await refusalOf(await token.refresh(left.refresh_token))).toEqual([400, 'invalid_target']);
  });
});

describe('a resource of the setting RESOURCES', () => {
  const read = async (name: string) =>
    (await (await token.call('GET', `${PATH}/${name}`, { as })).json()) as TokenResource;

  test('is there from the start, told once however many instances start, and has the URL of the setting', async () => {
    await (await token.another()).close();
    const resource = await read('audit-log');
    expect(resource).toMatchObject({
      url: token.suite.url('audit-log'),
      client_id: 'audit-log',
      scopes: null,
      version: 1,
    });
    expect(await token.events({ type: 'resource.added', key: 'audit-log' })).toHaveLength(1);
    expect((await remove('audit-log')).status).toBe(409);
    const moved = await put({ ...inputOf(resource), ...{ url: 'https://elsewhere.example' } });
    expect([moved.status, await moved.json()]).toMatchObject([400, { errors: [{ pointer: '#/url' }] }]);
  });

  test('keeps what the API said of it when another instance starts, and moves when the setting does', async () => {
    const scopes = [{ name: 'a:read', description: '' }];
    await put({ ...inputOf(await read('audit-log')), ...{ scopes } });
    const RESOURCES = `authorization=${token.suite.url('authorization')},audit-log=https://moved.example`;
    await (await token.another({ RESOURCES })).close();
    expect(await read('audit-log')).toMatchObject({ url: 'https://moved.example', scopes, version: 3 });
  });
});
