import type { Subject } from '@gatehouse/contracts';
import type { PermissionScope, PermissionSet } from '../domain/decide.ts';

export interface PermissionsQuery {
  readonly subject: Subject;
  readonly organizationId: string;
  readonly permission: string;
}

/** Everything that one decision needs, as it was at one instant. */
export interface PermissionsSnapshot {
  /** Null where the catalog does not know the permission. */
  readonly scope: PermissionScope | null;
  readonly organizationExists: boolean;
  /** Whether the subject is a member, or holds any grant in the organisation itself. */
  readonly belongs: boolean;
  /** What the subject holds there and in the platform organisation, cut down to what covers the permission. */
  readonly held: PermissionSet;
}

/** Reads what a decision rests on. */
export abstract class Decisions {
  /** One statement on the primary; grants and memberships outside their time do not count, by the database's clock. */
  abstract read(query: PermissionsQuery): Promise<PermissionsSnapshot>;
}
