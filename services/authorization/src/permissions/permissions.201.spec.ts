import { allPermissions, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { PermissionResource } from '@gatehouse/contracts';
import { AuthorizationUnderTest, client, user } from '../authorization.spec-support.ts';

let authorization: AuthorizationUnderTest;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-permissions');
}, 60_000);
afterAll(() => authorization.stop());

test('an application registers its permission once; then it is granted and asked like any other', async () => {
  const json = { name: 'activity:read', summary: 'Read activities.' };
  const registered = await authorization.call('POST', '/permissions', { json });
  const resource = { ...json, scope: 'organization', registered: true };
  expect(registered).toMatchObject({ status: 201, body: resource });
  const [{ id }, ada] = [await authorization.organization(), user()];
  await authorization.grant(id, ada, { permission: 'activity:*' });
  expect(await authorization.allowed(ada, id, 'activity:read')).toBe(true);
  expect((await authorization.events(PLATFORM_ORGANIZATION_ID)).at(-1)).toMatchObject({
    type: 'permission.registered',
    data: {
      permission: 'activity:read',
      summary: 'Read activities.',
      epochs: { catalog: expect.any(Number) as number },
    },
  });
});

test('a name is registered once, and no name of Gatehouse can be taken', async () => {
  const json = { name: 'invoice:read', summary: 'Read invoices.' };
  await authorization.call('POST', '/permissions', { json });
  for (const name of ['invoice:read', 'audit:read', 'authorization:check']) {
    const again = await authorization.call('POST', '/permissions', { json: { name, summary: 'Mine now.' } });
    expect(again).toMatchObject({ status: 409, body: { code: 'already-exists' } });
  }
});

test('everybody with a token may read the catalog, page by page', async () => {
  const names: string[] = [];
  type Page = { items: PermissionResource[]; next_cursor: string | null };
  for (let cursor: string | null = ''; cursor !== null;) {
    const path: string = `/permissions?limit=3${cursor && `&cursor=${cursor}`}`;
    const { body }: { body: Page } = await authorization.call<Page>('GET', path, { as: client() });
    names.push(...body.items.map(({ name }) => name));
    cursor = body.next_cursor;
  }
  expect(names).toEqual(expect.arrayContaining(allPermissions.map(({ name }) => name)));
  expect(new Set(names).size).toBe(names.length);
});
