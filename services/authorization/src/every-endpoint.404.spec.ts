import { randomUUID } from 'node:crypto';
import { endpoints } from '@gatehouse/contracts';
import type { Endpoint, Subject } from '@gatehouse/contracts';
import { admin, AuthorizationUnderTest, client, user } from './authorization.spec-support.ts';
import { Belongings } from './belongings.spec-support.ts';

let authorization: AuthorizationUnderTest;
let ours: Belongings;
let theirs: Belongings;
/** Has every permission in our organisation. */
let administrator: Subject;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-404');
  [ours, theirs] = [await Belongings.make(authorization), await Belongings.make(authorization)];
  administrator = client();
  await authorization.grant(ours.organization.id, administrator, { permission: '*' });
}, 60_000);
afterAll(() => authorization.stop());

const scoped = endpoints.filter(({ service, path }) => service === 'authorization' && path.includes('{org_id}'));
const nested = scoped.filter(({ path }) => /\{(role|user|grant)_id\}/.test(path));
const named = (list: typeof scoped) => list.map((endpoint) => [endpoint.id, endpoint] as const);

/** What a caller sees, without what differs between any two requests. */
async function seen(endpoint: Endpoint, path: string, as: Subject) {
  const { status, headers, body } = await authorization.call(endpoint.method, path, { as });
  const { request_id: _, ...rest } = body;
  const names = [...headers.keys()].filter((name) => name !== 'date');
  return { status, names, rest };
}

test.each(named(scoped))('%s: an organisation that is not yours is the same as none', async (_, endpoint) => {
  const hidden = await seen(endpoint, theirs.pathOf(endpoint), administrator);
  const missing = await seen(endpoint, ours.pathOf(endpoint, { org_id: randomUUID() }), administrator);
  expect(hidden).toEqual(missing);
  expect(hidden).toMatchObject({ status: 404, rest: { code: 'not-found' } });
});

test.each(named(scoped))('%s: the denial that such an answer hides is one for the audit log', async (_, endpoint) => {
  const stranger = client();
  await authorization.call(endpoint.method, theirs.pathOf(endpoint), { as: stranger });
  const denials = await authorization.facts('access.denied');
  expect(denials.filter((denial) => denial['subject_id'] === stranger.id)).toMatchObject([
    { endpoint: endpoint.id, organization_id: theirs.organization.id, belongs: false },
  ]);
});

test.each(named(scoped))(
  '%s: an organisation that does not exist is missing for the platform administrator too',
  async (_, endpoint) => {
    const { status } = await seen(endpoint, ours.pathOf(endpoint, { org_id: randomUUID() }), admin);
    expect(status).toBe(404);
  },
);

test.each(named(nested))('%s: what belongs to another organisation is the same as nothing', async (_, endpoint) => {
  const foreign = { role_id: theirs.role.id, user_id: theirs.member.id, grant_id: theirs.grant.id };
  const missing = { role_id: randomUUID(), user_id: randomUUID(), grant_id: randomUUID() };
  const json = endpoint.input.json && {};
  const answer = async (ids: Record<string, string>) => {
    const { status, body } = await authorization.call(endpoint.method, ours.pathOf(endpoint, ids), {
      as: administrator,
      json,
    });
    return { status, code: body['code'] };
  };
  expect(await answer(foreign)).toEqual({ status: 404, code: 'not-found' });
  expect(await answer(foreign)).toEqual(await answer(missing));
});

test('nothing of the other organisation was touched by all this', async () => {
  const path = `/organizations/${theirs.organization.id}`;
  expect((await authorization.call('GET', path)).body).toEqual(theirs.organization);
  expect((await authorization.call('GET', `${path}/roles/${theirs.role.id}`)).body).toEqual(theirs.role);
  expect((await authorization.call('GET', `${path}/grants/${theirs.grant.id}`)).body).toEqual(theirs.grant);
});

test('a member without the permission knows the organisation and is told 403, which the audit log learns', async () => {
  const ada = user();
  await authorization.member(ours.organization.id, ada);
  const answer = await authorization.call('GET', `/organizations/${ours.organization.id}/roles`, { as: ada });
  expect(answer).toMatchObject({ status: 403, body: { code: 'permission-denied' } });
  expect(JSON.stringify(answer.body)).not.toContain('organization:read');
  expect((await authorization.facts('access.denied')).at(-1)).toEqual({
    endpoint: 'authorization.list-roles',
    permission: 'organization:read',
    organization_id: ours.organization.id,
    belongs: true,
    subject_id: ada.id,
  });
});

test('who asks for a platform permission without having it is told 403, which the audit log learns', async () => {
  const machine = client();
  const json = { user_id: 'x', org_id: ours.organization.id, permission: 'audit:read' };
  const answer = await authorization.call('POST', '/authorization/check', { as: machine, json });
  expect(answer).toMatchObject({ status: 403, body: { code: 'permission-denied' } });
  expect((await authorization.facts('access.denied')).at(-1)).toEqual({
    endpoint: 'authorization.check-permission',
    permission: 'authorization:check',
    organization_id: null,
    belongs: false,
    subject_id: machine.id,
  });
});
