import type { ProblemCode } from '@gatehouse/contracts';

/** What a violated constraint means to a caller. A reference to an organisation breaks when it is deleted at the same time. */
export const constraints: Readonly<Record<string, ProblemCode>> = {
  role_organization: 'not-found',
  membership_organization: 'not-found',
  grant_organization: 'not-found',
  role_name: 'already-exists',
  membership_user: 'already-exists',
  grant_once: 'already-exists',
  permission_name: 'already-exists',
  grant_role: 'conflict',
  grant_member: 'unprocessable',
};
