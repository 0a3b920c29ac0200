import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { LocalPermissionChecker } from './local-permission-checker.ts';
import { PermissionDecider } from './permission-decider.ts';
import type { PermissionsSnapshot } from './store/decisions.ts';

const found: PermissionsSnapshot = { scope: 'organization', organizationExists: true, belongs: false, held: [] };
const check = (snapshot: PermissionsSnapshot, org_id = '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2b01') =>
  new LocalPermissionChecker(new PermissionDecider({ read: () => Promise.resolve(snapshot) })).check({
    user_id: 'ada',
    org_id,
    permission: 'organization:read',
  });

test('an endpoint whose permission was not migrated yet is closed, and blames nobody', async () => {
  await expect(check({ ...found, scope: null })).rejects.toMatchObject({ code: 'dependency-unavailable' });
});

test('an organisation is hidden from who does not belong to it, and the platform from nobody', async () => {
  expect(await check(found)).toEqual({ allowed: false, belongs: false, hidden: true });
  expect(await check({ ...found, belongs: true })).toEqual({ allowed: false, belongs: true, hidden: false });
  expect(await check(found, PLATFORM_ORGANIZATION_ID)).toEqual({ allowed: false, belongs: false, hidden: false });
});
