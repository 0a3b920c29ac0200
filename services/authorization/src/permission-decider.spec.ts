import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { PermissionDecider } from './permission-decider.ts';
import type { PermissionsSnapshot } from './store/decisions.ts';

const query = {
  subject: { type: 'user', id: 'ada' },
  organizationId: PLATFORM_ORGANIZATION_ID,
  permission: 'audit:read',
} as const;
const failures: (() => Promise<PermissionsSnapshot>)[] = [
  () => Promise.reject(new Error('relation "permission_grant" does not exist')),
  () => Promise.reject(Object.assign(new Error('canceling statement'), { code: '57014' })),
  () => Promise.reject(new Problem('dependency-unavailable')),
];

/** What a failure is answered with. */
function answerOf(decider: PermissionDecider): Promise<string> {
  return decider.decide(query).then(
    ({ allowed }) => `allowed: ${allowed}`,
    (error: unknown) => (error instanceof Problem ? error.code : 'internal-error'),
  );
}

test('whatever fails, there is a 503 and no answer', async () => {
  for (const read of failures) expect(await answerOf(new PermissionDecider({ read }))).toBe('dependency-unavailable');
});

test('the check above catches a decider that answers a failure with an empty set', async () => {
  class Lenient extends PermissionDecider {
    override decide(asked: typeof query) {
      return super.decide(asked).catch(() => ({ allowed: false, belongs: false }));
    }
  }
  const [read] = failures;
  expect(await answerOf(new Lenient({ read: read! }))).not.toBe('dependency-unavailable');
});
