import { AuthorizationUnderTest, client, user } from './authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-spellings');
}, 60_000);
afterAll(() => authorization.stop());

const upper = (id: string) => id.toUpperCase();

test('an organisation has one stream of events, in whichever case its id is written', async () => {
  const { id } = await authorization.organization();
  const path = `/organizations/${upper(id)}`;
  const answers = [
    await authorization.call('PATCH', path, { json: { name: 'Renamed' } }),
    await authorization.call('POST', `${path}/roles`, { json: { name: 'Reader', permissions: ['audit:read'] } }),
    await authorization.call('POST', `${path}/memberships`, { json: { user_id: user().id } }),
    await authorization.call('POST', `${path}/grants`, { json: { subject: client(), permission: 'audit:read' } }),
    await authorization.call('GET', path),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 201, 201, 201, 200]);
  const sql = `SELECT key, sequence::int, payload::json->>'organization_id' AS organization
    FROM outbox WHERE lower(key) = $1 ORDER BY sequence`;
  const { rows } = await authorization.database.query(sql, [id]);
  const ofOne = rows.map((_, i) => ({ key: id, sequence: i + 1, organization: id }));
  expect(rows.length).toBeGreaterThan(4);
  expect(rows).toEqual(ofOne);
});

test('PostgreSQL finds the row by either spelling, and locks two things (negative control)', async () => {
  const { id } = await authorization.organization();
  const sql = `SELECT id = $1::uuid AS found, hashtextextended($2, 0) = hashtextextended($3, 0) AS "sameLock"
    FROM organization WHERE id = $1::uuid`;
  const { rows } = await authorization.database.query(sql, [upper(id), upper(id), id]);
  expect(rows).toEqual([{ found: true, sameLock: false }]);
});

test('an account is one subject in whichever case its id is written: as member, holder of a grant and in a check', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  const path = `/organizations/${id}`;
  const ADA = { ...ada, id: upper(ada.id) };
  const member = (user_id: string) => authorization.call('POST', `${path}/memberships`, { json: { user_id } });
  expect(await member(ADA.id)).toMatchObject({ status: 201, body: { user_id: ada.id } });
  expect(await member(ada.id)).toMatchObject({ status: 409 });
  const grant = (subject: object) =>
    authorization.call('POST', `${path}/grants`, { json: { subject, permission: 'audit:read' } });
  expect(await grant(ADA)).toMatchObject({ status: 201, body: { subject: ada } });
  expect(await grant(ada)).toMatchObject({ status: 409 });
  for (const subject of [ada, ADA]) expect(await authorization.allowed(subject, id, 'audit:read')).toBe(true);
  for (const query of ['', '&subject_type=user']) {
    const { body } = await authorization.call('GET', `${path}/grants?subject_id=${ADA.id}${query}`);
    expect(body).toMatchObject({ items: [{ subject: ada }] });
  }
  expect((await authorization.call('DELETE', `${path}/memberships/${ADA.id}`)).status).toBe(204);
  expect(await authorization.allowed(ada, id, 'audit:read')).toBe(false);
});

test('the ids of two clients that differ in case are two subjects', async () => {
  const { id } = await authorization.organization();
  const machine = { type: 'client', id: upper(user().id) } as const;
  const grant = await authorization.grant(id, machine, { permission: 'audit:read' });
  expect(grant.subject).toEqual(machine);
  expect(await authorization.allowed(machine, id, 'audit:read')).toBe(true);
  expect(await authorization.allowed({ ...machine, id: machine.id.toLowerCase() }, id, 'audit:read')).toBe(false);
});
