import { endpoints } from '@gatehouse/contracts';
import { AuthorizationUnderTest } from './authorization.spec-support.ts';
import { Belongings } from './belongings.spec-support.ts';

let authorization: AuthorizationUnderTest;
let belongings: Belongings;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-400');
  belongings = await Belongings.make(authorization);
}, 60_000);
afterAll(() => authorization.stop());

const own = endpoints.filter(({ service, path }) => service === 'authorization' && path.startsWith('/api/v1/'));
const named = (list: typeof own) => list.map((endpoint) => [endpoint.id, endpoint] as const);
const state = async () => {
  const { rows } = await authorization.database.query(
    `SELECT (SELECT count(*) FROM outbox WHERE sequence IS NOT NULL) AS events,
            (SELECT sum(version) FROM (SELECT version FROM organization UNION ALL SELECT version FROM role
               UNION ALL SELECT version FROM membership UNION ALL SELECT version FROM permission_grant)) AS versions`,
  );
  return rows as unknown[];
};
/** The same request must be refused and change nothing. */
async function refused(method: string, path: string, options: Parameters<typeof authorization.call>[2]) {
  const before = await state();
  const { status, body } = await authorization.call(method, path, options);
  expect([status, body['code']]).toEqual([400, 'invalid-input']);
  expect(await state()).toEqual(before);
  return body['errors'];
}

test.each(named(own.filter(({ input }) => input.json)))(
  '%s refuses a field that it does not know',
  async (_, endpoint) => {
    const json = { surprise: true };
    const errors = await refused(endpoint.method, belongings.pathOf(endpoint), { json });
    expect(errors).toContainEqual({ pointer: '#/surprise', detail: 'is not known here' });
  },
);

test.each(named(own.filter(({ input }) => input.json)))(
  '%s refuses a body that is not an object',
  async (_, endpoint) => {
    for (const body of ['[]', '"x"', '1', 'null', ''])
      await refused(endpoint.method, belongings.pathOf(endpoint), { body });
  },
);

test.each(named(own.filter(({ method }) => method === 'GET')))(
  '%s refuses a query that it does not know',
  async (_, endpoint) => {
    await refused('GET', `${belongings.pathOf(endpoint)}?surprise=1`, {});
  },
);

test.each(named(own.filter(({ path }) => path.includes('_id}'))))('%s refuses malformed ids', async (_, endpoint) => {
  const path = endpoint.path.replace('/api/v1', '').replace(/\{\w+\}/g, '%20');
  await refused(endpoint.method, path, {});
});

test.each([
  ['a name that is a number', { name: 1 }],
  ['an empty name', { name: '  ' }],
  ['a name that is too long', { name: 'x'.repeat(201) }],
  ['a name with a NUL, which PostgreSQL could not store', { name: 'a\u0000b' }],
  ['a name with half a surrogate pair', { name: 'a\ud800b' }],
  ['a subject of an unknown kind', { name: 'x', administrator: { type: 'group', id: 'x' } }],
  ['a subject with a space in its id', { name: 'x', administrator: { type: 'user', id: 'a b' } }],
])('%s is refused', async (_, json) => {
  await refused('POST', '/organizations', { json });
});

test.each([
  ['invalid JSON', '{"name": "x"'],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0x6e, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])],
])('%s is refused', async (_, body) => {
  await refused('POST', '/organizations', { body });
});

test.each([
  ['both a role and a permission', { role_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b02', permission: 'audit:read' }],
  ['neither a role nor a permission', {}],
  ['a wildcard inside a segment', { permission: 'aud*:read' }],
  ['an effect that does not exist', { permission: 'audit:read', effect: 'maybe' }],
  ['an instant without a time zone', { permission: 'audit:read', expires_at: '2031-01-01T00:00:00' }],
  ['an instant that does not exist', { permission: 'audit:read', expires_at: '2031-02-30T00:00:00Z' }],
  ['an instant of the year 0', { permission: 'audit:read', not_before: '0000-06-01T00:00:00Z' }],
  ['an instant that is rounded to the year 10000', { permission: 'audit:read', expires_at: '9999-12-31T23:59:59.999999999Z' }], // prettier-ignore
  ['an instant of endless precision', { permission: 'audit:read', expires_at: `2031-01-01T00:00:00.${'1'.repeat(200)}Z` }], // prettier-ignore
])('a grant with %s is refused', async (_, what) => {
  const json = { subject: { type: 'client', id: 'x' }, ...what };
  await refused('POST', `/organizations/${belongings.organization.id}/grants`, { json });
});

test('a role of more than 300 permissions is refused', async () => {
  const json = { name: 'Too much', permissions: Array.from({ length: 301 }, () => 'audit:read') };
  await refused('POST', `/organizations/${belongings.organization.id}/roles`, { json });
});

test.each(['nonsense', 'bm90IGFuIGlk', '%00', '../..'])('the cursor %p is refused', async (cursor) => {
  const query = `?cursor=${encodeURIComponent(cursor)}`;
  const errors = await refused('GET', `/organizations/${belongings.organization.id}/roles${query}`, {});
  expect(errors).toMatchObject([{ parameter: 'cursor' }]);
});

test.each(['0', '201', '1.5', 'x', '-1'])('a page of %s items is refused', async (limit) => {
  await refused('GET', `/organizations?limit=${limit}`, {});
});

test.each(['3', 'W/"3"', '"03"', '*', '"x"'])('If-Match: %s is refused', async (tag) => {
  const path = `/organizations/${belongings.organization.id}`;
  await refused('PATCH', path, { json: { name: 'x' }, headers: { 'if-match': tag } });
});

test('a body of 2 MB is refused before it is read', async () => {
  const before = await state();
  const { status, body } = await authorization.call('POST', '/organizations', {
    json: { name: 'x'.repeat(2_000_000) },
  });
  expect([status, body['code']]).toEqual([413, 'body-too-large']);
  expect(await state()).toEqual(before);
});

test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense'])(
  'a body of type %s is refused',
  async (type) => {
    const options = { body: '{"name":"x"}', headers: { 'content-type': type } };
    const { status, body } = await authorization.call('POST', '/organizations', options);
    expect([status, body['code']]).toEqual([415, 'unsupported-media-type']);
  },
);
