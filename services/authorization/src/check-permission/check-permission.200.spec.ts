import { randomUUID } from 'node:crypto';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { Subject } from '@gatehouse/contracts';
import { admin, AuthorizationUnderTest, client, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-check');
}, 60_000);
afterAll(() => authorization.stop());

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

test('a role gives its permissions from the moment it is granted until it is removed', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  const role = await authorization.role(id, ['audit:read']);
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(false);
  const grant = await authorization.grant(id, ada, { role_id: role.id });
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(true);
  expect(await authorization.allowed(ada, id, 'roles:write')).toBe(false);
  await authorization.call('DELETE', `/organizations/${id}/grants/${grant.id}`);
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(false);
});

test('a permission that a role gains or loses is gained or lost by its holders at once', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  const role = await authorization.role(id, ['audit:read']);
  await authorization.grant(id, ada, { role_id: role.id });
  await authorization.call('PATCH', `/organizations/${id}/roles/${role.id}`, {
    json: { permissions: ['roles:write'] },
  });
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(false);
  expect(await authorization.allowed(ada, id, 'roles:write')).toBe(true);
});

test.each(['*', '*:*', 'audit:*', '*:read', 'audit:read'])('a grant of %s covers audit:read', async (permission) => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  await authorization.grant(id, ada, { permission });
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(true);
});

test('a deny wins over a role and over an exact permission', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  const role = await authorization.role(id, ['*']);
  await authorization.grant(id, ada, { role_id: role.id });
  await authorization.grant(id, ada, { permission: 'audit:read' });
  await authorization.grant(id, ada, { permission: 'audit:*', effect: 'deny' });
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(false);
  expect(await authorization.allowed(ada, id, 'roles:write')).toBe(true);
});

test('a right in one organisation is none in another', async () => {
  const [{ id }, other, ada] = [await authorization.organization(), await authorization.organization(), user()];
  await authorization.grant(id, ada, { permission: '*' });
  expect(await authorization.allowed(ada, other.id, 'audit:read')).toBe(false);
});

test('a user and a client of the same id are different subjects', async () => {
  const [{ id }, machine] = [await authorization.organization(), client()];
  await authorization.grant(id, machine, { permission: 'audit:read' });
  expect(await authorization.allowed(machine, id, 'audit:read')).toBe(true);
  expect(await authorization.allowed({ type: 'user', id: machine.id }, id, 'audit:read')).toBe(false);
});

test('what is granted in the platform organisation holds in every organisation', async () => {
  const [{ id }, auditor] = [await authorization.organization(), client()];
  await authorization.grant(PLATFORM_ORGANIZATION_ID, auditor, { permission: 'audit:read' });
  expect(await authorization.allowed(auditor, id, 'audit:read')).toBe(true);
  await authorization.grant(PLATFORM_ORGANIZATION_ID, auditor, { permission: 'audit:read', effect: 'deny' });
  await authorization.grant(id, auditor, { permission: 'audit:read' });
  expect(await authorization.allowed(auditor, id, 'audit:read')).toBe(false);
});

test('no wildcard gives a platform permission, not even in the platform organisation', async () => {
  const machine = client();
  await authorization.grant(PLATFORM_ORGANIZATION_ID, machine, { permission: '*' });
  expect(await authorization.allowed(machine, PLATFORM_ORGANIZATION_ID, 'authorization:check')).toBe(false);
  await authorization.grant(PLATFORM_ORGANIZATION_ID, machine, { permission: 'authorization:check' });
  expect(await authorization.allowed(machine, PLATFORM_ORGANIZATION_ID, 'authorization:check')).toBe(true);
  const { id } = await authorization.organization();
  expect(await authorization.allowed(machine, id, 'authorization:check')).toBe(false);
});

test('a platform administrator has every permission of every organisation, also of one made by somebody else', async () => {
  const { id } = await authorization.organization();
  for (const permission of ['organization:read', 'grants:write', 'audit:read'])
    expect(await authorization.allowed(admin, id, permission)).toBe(true);
  expect(await authorization.allowed(admin, PLATFORM_ORGANIZATION_ID, 'organizations:create')).toBe(true);
});

test('a grant counts from not_before to expires_at, without anybody doing anything', async () => {
  const [{ id }, ada, bob, eve] = [await authorization.organization(), user(), user(), user()];
  await authorization.grant(id, ada, { permission: 'audit:read', not_before: inMs(-60_000), expires_at: inMs(60_000) });
  await authorization.grant(id, bob, { permission: 'audit:read', not_before: inMs(60_000) });
  await authorization.grant(id, eve, { permission: 'audit:read', expires_at: inMs(-60_000) });
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(true);
  expect(await authorization.allowed(bob, id, 'audit:read')).toBe(false);
  expect(await authorization.allowed(eve, id, 'audit:read')).toBe(false);
});

test('a deny that has expired no longer denies', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  await authorization.grant(id, ada, { permission: 'audit:read' });
  await authorization.grant(id, ada, { permission: 'audit:*', effect: 'deny', expires_at: inMs(-60_000) });
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(true);
});

test('the grants of a member whose membership has expired do not count', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  await authorization.grant(id, ada, { permission: 'audit:read' });
  const path = `/organizations/${id}/memberships/${ada.id}`;
  await authorization.call('PATCH', path, { json: { expires_at: inMs(-1_000) } });
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(false);
  await authorization.call('PATCH', path, { json: { expires_at: null } });
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(true);
});

test('an unknown user and an unknown organisation have no permission, not even for a platform administrator', async () => {
  const { id } = await authorization.organization();
  expect(await authorization.allowed(user(), id, 'audit:read')).toBe(false);
  expect(await authorization.allowed(admin, randomUUID(), 'audit:read')).toBe(false);
});

test('nothing is left of a deleted organisation', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  await authorization.grant(id, ada, { permission: '*' });
  await authorization.call('DELETE', `/organizations/${id}`);
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(false);
});

test('a check publishes nothing, whatever it answers', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  const count = async () => (await authorization.database.query('SELECT count(*) FROM outbox')).rows as unknown[];
  const before = await count();
  await authorization.allowed(ada, id, 'audit:read');
  await authorization.allowed(admin, id, 'audit:read');
  expect(await count()).toEqual(before);
});

test('checks are counted and timed under the names that operators watch', async () => {
  await authorization.allowed(admin, PLATFORM_ORGANIZATION_ID, 'audit:read');
  const metrics = await (await fetch(`${authorization.service.adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/^authz_check_total\{cache_status="cache_miss"\} [1-9]/m);
  expect(metrics).toMatch(/^authz_check_duration_seconds_count\{cache_status="cache_miss"\} [1-9]/m);
});

test('the answer tells whether the subject belongs to the organisation, which decides whose log has its denial', async () => {
  const [{ id }, member, machine] = [await authorization.organization(), user(), client()];
  await authorization.member(id, member);
  await authorization.grant(id, machine, { permission: 'audit:read', effect: 'deny' });
  const belongs = async (subject: Subject, org_id = id) => {
    const json = { user_id: subject.id, subject_type: subject.type, org_id, permission: 'audit:read' };
    return (await authorization.call('POST', '/authorization/check', { json })).body;
  };
  for (const subject of [member, machine])
    expect(await belongs(subject)).toMatchObject({ allowed: false, belongs: true });
  for (const subject of [user(), client()])
    expect(await belongs(subject)).toMatchObject({ allowed: false, belongs: false });
  expect(await belongs(member, randomUUID())).toMatchObject({ allowed: false, belongs: false });
});
