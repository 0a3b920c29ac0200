import { AuthorizationUnderTest, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-members-204');
}, 60_000);
afterAll(() => authorization.stop());

test('who leaves an organisation leaves all grants there, each told, and finds none when coming back', async () => {
  const [{ id }, other, ada] = [await authorization.organization(), await authorization.organization(), user()];
  const first = await authorization.grant(id, ada, { permission: 'audit:read' });
  const second = await authorization.grant(id, ada, { permission: 'roles:write' });
  await authorization.grant(other.id, ada, { permission: 'audit:read' });
  expect((await authorization.call('DELETE', `/organizations/${id}/memberships/${ada.id}`)).status).toBe(204);
  expect((await authorization.events(id)).slice(-3)).toMatchObject([
    { type: 'grant.removed', data: { grant_id: first.id, subject: ada } },
    { type: 'grant.removed', data: { grant_id: second.id, subject: ada } },
    { type: 'membership.removed', data: { user_id: ada.id } },
  ]);
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(false);
  expect(await authorization.allowed(ada, other.id, 'audit:read')).toBe(true);
  await authorization.member(id, ada);
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(false);
});

test('a grant that is given while its member leaves is gone with the member or refused, never left behind', async () => {
  const { id } = await authorization.organization();
  for (let round = 0; round < 10; round++) {
    const ada = user();
    await authorization.member(id, ada);
    const json = { subject: ada, permission: 'audit:read' };
    const [granted] = await Promise.all([
      authorization.call('POST', `/organizations/${id}/grants`, { json }),
      authorization.call('DELETE', `/organizations/${id}/memberships/${ada.id}`),
    ]);
    expect([201, 422]).toContain(granted.status);
    const left = await authorization.call('GET', `/organizations/${id}/grants?subject_id=${ada.id}`);
    expect(left.body).toEqual({ items: [], next_cursor: null });
  }
});

test('the database itself refuses a grant without a membership', async () => {
  const { id } = await authorization.organization();
  const stray = authorization.database.query(
    `INSERT INTO permission_grant (id, organization_id, subject_type, subject_id, permission, effect)
     VALUES (uuidv7(), $1, 'user', 'nobody', 'audit:read', 'allow')`,
    [id],
  );
  await expect(stray).rejects.toMatchObject({ constraint: 'grant_member' });
});
