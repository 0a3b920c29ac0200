import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { OrganizationResource } from '@gatehouse/contracts';
import { admin, AuthorizationUnderTest, client, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-org-200');
}, 60_000);
afterAll(() => authorization.stop());

interface Page {
  readonly items: readonly OrganizationResource[];
  readonly next_cursor: string | null;
}

/** Every organisation that a subject is shown, page by page. */
async function listed(as: typeof admin, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor && `&cursor=${cursor}`;
    const { body }: { body: Page } = await authorization.call<Page>('GET', `/organizations?limit=${limit}${query}`, {
      as,
    });
    expect(body.items.length).toBeLessThanOrEqual(limit);
    ids.push(...body.items.map(({ id }) => id));
    cursor = body.next_cursor;
  }
  return ids;
}

test('an organisation is read with its ETag', async () => {
  const organization = await authorization.organization('Read me');
  const { status, body, headers } = await authorization.call('GET', `/organizations/${organization.id}`);
  expect([status, headers.get('etag')]).toEqual([200, '"1"']);
  expect(body).toEqual(organization);
});

test('everybody sees the organisations they belong to and no other; the platform sees all, in order and without gaps', async () => {
  const [one, two, three] = [
    await authorization.organization(),
    await authorization.organization(),
    await authorization.organization(),
  ];
  const [ada, machine] = [user(), client()];
  await authorization.member(one.id, ada);
  await authorization.member(three.id, ada);
  await authorization.grant(two.id, machine, { permission: 'audit:read' });
  expect(await listed(ada, 50)).toEqual([one.id, three.id]);
  expect(await listed(machine, 50)).toEqual([two.id]);
  expect(await listed(user(), 50)).toEqual([]);
  const all = await listed(admin, 2);
  expect(all).toEqual([...all].sort());
  expect(all).toEqual(expect.arrayContaining([PLATFORM_ORGANIZATION_ID, one.id, two.id, three.id]));
  expect(new Set(all).size).toBe(all.length);
});

test('an expired membership is no longer listed', async () => {
  const [{ id }, ada] = [await authorization.organization(), user()];
  await authorization.member(id, ada);
  const json = { expires_at: '2020-01-01T00:00:00Z' };
  await authorization.call('PATCH', `/organizations/${id}/memberships/${ada.id}`, { json });
  expect(await listed(ada, 50)).toEqual([]);
});

test('a change renames, raises the version and is told', async () => {
  const { id } = await authorization.organization('Before');
  const { status, body, headers } = await authorization.call('PATCH', `/organizations/${id}`, {
    json: { name: 'After' },
  });
  expect([status, headers.get('etag')]).toEqual([200, '"2"']);
  expect(body).toMatchObject({ id, name: 'After', version: 2 });
  expect((await authorization.events(id)).at(-1)).toMatchObject({
    type: 'organization.changed',
    data: { organization_id: id, name: 'After' },
  });
});
