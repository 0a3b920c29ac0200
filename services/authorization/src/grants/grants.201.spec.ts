import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { AuthorizationUnderTest, client, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-grants-201');
}, 60_000);
afterAll(() => authorization.stop());

test('a grant of a role is told with all that it gives', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  const role = await authorization.role(id, ['audit:read']);
  const grant = await authorization.grant(id, ada, { role_id: role.id, expires_at: '2031-01-01T00:00:00Z' });
  const given = {
    organization_id: id,
    subject: ada,
    role_id: role.id,
    permission: null,
    effect: 'allow',
    not_before: null,
    expires_at: '2031-01-01T00:00:00.000Z',
  };
  expect(grant).toMatchObject({ ...given, version: 1 });
  const data = { ...given, grant_id: grant.id, epochs: { subject: 2 } };
  expect((await authorization.events(id)).at(-1)).toEqual({ type: 'grant.added', key: id, data });
});

test('the same permission can be allowed and denied by two grants', async () => {
  const [{ id }, machine] = [await authorization.organization(), client()];
  const allow = await authorization.grant(id, machine, { permission: 'audit:read' });
  const deny = await authorization.grant(id, machine, { permission: 'audit:read', effect: 'deny' });
  expect([allow.effect, deny.effect]).toEqual(['allow', 'deny']);
});

test('a grant in the platform organisation raises the epoch of the catalog, since it counts everywhere', async () => {
  const epoch = async () =>
    (await authorization.database.query('SELECT epoch::int FROM catalog_epoch')).rows as [{ epoch: number }];
  const [before] = await epoch();
  const machine = client();
  await authorization.grant(PLATFORM_ORGANIZATION_ID, machine, { permission: 'audit:read' });
  const [after] = await epoch();
  expect(after.epoch).toBe(before.epoch + 1);
  expect((await authorization.events(PLATFORM_ORGANIZATION_ID)).at(-1)).toMatchObject({
    data: { subject: machine, epochs: { catalog: after.epoch, subject: 1 } },
  });
});

test('the epochs of concurrent grants are all different, and in the order of their events', async () => {
  const [{ id }, machine] = [await authorization.organization(), client()];
  const names = ['audit:read', 'roles:write', 'grants:write', 'memberships:write', 'organization:read', '*'];
  await Promise.all(names.map((permission) => authorization.grant(id, machine, { permission })));
  const added = (await authorization.events(id)).filter(
    ({ data }) => (data['subject'] as { id: string } | undefined)?.id === machine.id,
  );
  expect(added.map(({ data }) => data['epochs'])).toEqual(names.map((_, i) => ({ subject: i + 1 })));
});

test('the first and the last instant that a grant may name come back as they were given', async () => {
  const { id } = await authorization.organization();
  const term = { not_before: '0001-01-01T00:00:00.000Z', expires_at: '9999-12-31T23:59:58.999Z' };
  const grant = await authorization.grant(id, client(), { permission: 'audit:read', ...term });
  expect(grant).toMatchObject(term);
  expect((await authorization.events(id)).at(-1)).toMatchObject({ data: term });
});
