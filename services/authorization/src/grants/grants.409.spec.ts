import { AuthorizationUnderTest, client } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-grants-409');
}, 60_000);
afterAll(() => authorization.stop());

test('the same grant is given once, in whichever spelling, and the refusal leaves no event and no epoch', async () => {
  const [{ id }, machine] = [await authorization.organization(), client()];
  const role = await authorization.role(id, ['audit:read']);
  await authorization.grant(id, machine, { permission: '*' });
  await authorization.grant(id, machine, { role_id: role.id });
  const before = await authorization.events(id);
  for (const what of [{ permission: '*:*' }, { permission: '*' }, { role_id: role.id }]) {
    const json = { subject: machine, ...what };
    const again = await authorization.call('POST', `/organizations/${id}/grants`, { json });
    expect(again).toMatchObject({ status: 409, body: { code: 'already-exists' } });
  }
  expect(await authorization.events(id)).toEqual(before);
  const { rows } = await authorization.database.query('SELECT epoch::int FROM subject_epoch WHERE subject_id = $1', [
    machine.id,
  ]);
  expect(rows).toEqual([{ epoch: 2 }]);
});
