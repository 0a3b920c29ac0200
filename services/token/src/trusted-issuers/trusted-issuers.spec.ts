import type { TrustedIssuerResource } from '@gatehouse/contracts';
import { PermissionAnswers } from '../permission-answers.spec-support.ts';
import { TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
let permissions: PermissionAnswers;
let as: string;
beforeAll(async () => {
  token = await TokenHarness.start('trusted-issuers');
  permissions = await PermissionAnswers.start(token.suite);
  as = await token.adminToken();
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
});

let count = 0;
const described = (changes: Record<string, unknown> = {}) => ({
  issuer: `https://ci-${++count}.example`,
  jwks_uri: 'https://ci.example/jwks',
  algorithms: ['RS256', 'ES256'],
  subjects: [{ subject: 'repo:example/engine:ref:refs/heads/main', client_id: 'admin', scope: 'a b' }],
  ...changes,
});
const PATH = '/api/v1/trusted-issuers';
const add = (json: unknown) => token.call('POST', PATH, { as, json });
const added = async (json = described()) => {
  const response = await add(json);
  expect(response.status).toBe(201);
  return (await response.json()) as TrustedIssuerResource;
};
const factsOf = ({ id, issuer, jwks_uri, algorithms, subjects }: TrustedIssuerResource) => ({
  trusted_issuer_id: id,
  issuer,
  jwks_uri,
  algorithms,
  subjects,
});

test('what is added is answered with its ETag, read, listed and told', async () => {
  const json = described();
  const response = await add(json);
  expect([response.status, response.headers.get('etag')]).toEqual([201, '"1"']);
  const issuer = (await response.json()) as TrustedIssuerResource;
  expect(issuer).toMatchObject({ ...json, version: 1 });
  expect(await (await token.call('GET', `${PATH}/${issuer.id}`, { as })).json()).toEqual(issuer);
  const list = (await (await token.call('GET', PATH, { as })).json()) as { items: unknown[] };
  expect(list.items).toContainEqual(issuer);
  const [event] = await token.events({ key: issuer.id });
  expect(event).toMatchObject({ type: 'trusted-issuer.added', data: factsOf(issuer) });
  expect(event?.headers).toMatchObject({ ce_actorkind: 'client', ce_actorid: 'admin' });
});

test('a change replaces all of it, for whoever has seen the present version', async () => {
  const issuer = await added();
  const json = described({ algorithms: ['EdDSA'], subjects: [] });
  const change = (match: string) =>
    token.call('PUT', `${PATH}/${issuer.id}`, { as, json, headers: { 'if-match': match } });
  expect((await change('"2"')).status).toBe(412);
  const changed = (await (await change('"1"')).json()) as TrustedIssuerResource;
  expect(changed).toMatchObject({ ...json, id: issuer.id, version: 2 });
  const events = await token.events({ key: issuer.id });
  expect(events.map(({ type }) => type)).toEqual(['trusted-issuer.added', 'trusted-issuer.changed']);
  expect(events.at(-1)?.data).toEqual(factsOf(changed));
});

test('what is removed is gone, and told once', async () => {
  const issuer = await added();
  const remove = () => token.call('DELETE', `${PATH}/${issuer.id}`, { as });
  expect([(await remove()).status, (await remove()).status]).toEqual([204, 404]);
  expect((await token.call('GET', `${PATH}/${issuer.id}`, { as })).status).toBe(404);
  const [, removed, ...more] = await token.events({ key: issuer.id });
  expect([removed?.type, removed?.data, more]).toEqual([
    'trusted-issuer.removed',
    { trusted_issuer_id: issuer.id, issuer: issuer.issuer },
    [],
  ]);
});

test('lists end, page by page, in the order of adding', async () => {
  const ids = [(await added()).id, (await added()).id, (await added()).id];
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = `?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`;
    const page = (await (await token.call('GET', PATH + query, { as })).json()) as {
      items: TrustedIssuerResource[];
      next_cursor: string | null;
    };
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(seen.filter((id) => ids.includes(id))).toEqual(ids);
});

test('one issuer is trusted once: not added again, and no other becomes it', async () => {
  const [first, second] = [await added(), await added()];
  expect((await add(described({ issuer: first.issuer }))).status).toBe(409);
  const json = described({ issuer: first.issuer });
  expect((await token.call('PUT', `${PATH}/${second.id}`, { as, json })).status).toBe(409);
  expect(await token.events({ key: second.id })).toHaveLength(1);
});

const subject = { subject: 'build', client_id: 'admin' };
test.each<[string, () => Record<string, unknown>, string]>([
  ['our own issuer', () => ({ issuer: token.issuer }), '#/issuer'],
  ['an issuer over http', () => ({ issuer: 'http://ci.example' }), '#/issuer'],
  ['keys over http', () => ({ jwks_uri: 'http://ci.example/jwks' }), '#/jwks_uri'],
  ['keys with user information', () => ({ jwks_uri: 'https://a@ci.example/jwks' }), '#/jwks_uri'],
  ['no algorithm', () => ({ algorithms: [] }), '#/algorithms'],
  ['none', () => ({ algorithms: ['none'] }), '#/algorithms/0'],
  ['a symmetric algorithm', () => ({ algorithms: ['HS256'] }), '#/algorithms/0'],
  ['one algorithm twice', () => ({ algorithms: ['RS256', 'RS256'] }), '#/algorithms'],
  ['one subject twice', () => ({ subjects: [subject, subject] }), '#/subjects'],
  ['a client that is none', () => ({ subjects: [{ ...subject, client_id: 'nobody' }] }), '#/subjects/0/client_id'],
  ['scopes that are none', () => ({ subjects: [{ ...subject, scope: 'a  b' }] }), '#/subjects/0/scope'],
  [
    'more than an event holds',
    () => ({ subjects: Array.from({ length: 60 }, (_, at) => ({ ...subject, subject: `${at}${'x'.repeat(400)}` })) }),
    '#/subjects',
  ],
])('%s is refused, and nothing changes', async (_, wrong, pointer) => {
  const before = await token.sql('SELECT count(*) FROM trusted_issuer');
  const response = await add(described(wrong()));
  expect(response.status).toBe(400);
  const { errors } = (await response.json()) as { errors: { pointer: string }[] };
  expect(errors.map((error) => error.pointer)).toEqual([pointer]);
  expect(await token.sql('SELECT count(*) FROM trusted_issuer')).toEqual(before);
});

test('whoever lacks the permission is refused, and it is the platform that is asked', async () => {
  const form = { grant_type: 'client_credentials' };
  const { access_token } = (await (
    await token.postForm('/oauth/token', form, token.client('audit-log'))
  ).json()) as Record<string, string>;
  const status = async (method: string, json?: unknown) =>
    (await token.call(method, PATH, { as: access_token ?? '', ...(json !== undefined && { json }) })).status;
  expect([await status('GET'), await status('POST', described())]).toEqual([403, 403]);
  permissions.give('audit-log', 'trusted-issuer:read');
  expect([await status('GET'), await status('POST', described())]).toEqual([200, 403]);
});
