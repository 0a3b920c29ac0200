import type { MembershipResource } from '@gatehouse/contracts';
import { AuthorizationUnderTest, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-members-200');
}, 60_000);
afterAll(() => authorization.stop());

test('members are listed in order of their ids, page by page', async () => {
  const [{ id }, users] = [await authorization.organization(), [user(), user(), user()]];
  for (const one of users) await authorization.member(id, one);
  type Page = { items: MembershipResource[]; next_cursor: string };
  const first = await authorization.call<Page>('GET', `/organizations/${id}/memberships?limit=2`);
  const rest = await authorization.call<Page>(
    'GET',
    `/organizations/${id}/memberships?cursor=${first.body.next_cursor}`,
  );
  const ids = [...first.body.items, ...rest.body.items].map(({ user_id }) => user_id);
  expect(ids).toEqual(users.map((one) => one.id).sort());
  expect(rest.body.next_cursor).toBeNull();
});

test('a membership gets an end and loses it again, and each change is told with the epoch it raised', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  await authorization.member(id, ada);
  const path = `/organizations/${id}/memberships/${ada.id}`;
  const limited = await authorization.call('PATCH', path, { json: { expires_at: '2031-01-01T00:00:00Z' } });
  expect(limited).toMatchObject({ status: 200, body: { expires_at: '2031-01-01T00:00:00.000Z', version: 2 } });
  const kept = await authorization.call('PATCH', path, { json: {} });
  expect(kept.body).toMatchObject({ expires_at: '2031-01-01T00:00:00.000Z' });
  const unlimited = await authorization.call('PATCH', path, { json: { expires_at: null } });
  expect(unlimited.body).toMatchObject({ expires_at: null });
  expect((await authorization.events(id)).at(-1)).toMatchObject({
    type: 'membership.changed',
    data: { user_id: ada.id, expires_at: null, epochs: { subject: 4 } },
  });
});

test('an id that needs encoding is the same in a body and in a path', async () => {
  const { id } = await authorization.organization();
  const odd = { type: 'user' as const, id: 'idp|a/b?c=d%20#e' };
  await authorization.member(id, odd);
  const { status, body } = await authorization.call(
    'GET',
    `/organizations/${id}/memberships/${encodeURIComponent(odd.id)}`,
  );
  expect([status, body['user_id']]).toEqual([200, odd.id]);
});
