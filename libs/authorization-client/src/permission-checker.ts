import type { checkPermission } from '@gatehouse/contracts';
import type { z } from 'zod';

/** `{ user_id, org_id, permission, subject_type? }`, as the check endpoint takes it. */
export type PermissionQuestion = z.input<typeof checkPermission.input.json>;

export interface PermissionAnswer {
  readonly allowed: boolean;
  /** The subject belongs to the organisation, so that its denial is part of that organisation's audit log. */
  readonly belongs?: boolean | undefined;
  /** The subject may not know that the organisation exists: it is told `not-found` instead of `permission-denied`. */
  readonly hidden?: boolean;
}

/** Decides whether a subject has a permission: the authorization service over HTTP, or that service itself. */
export abstract class PermissionChecker {
  /** Throws `dependency-unavailable` where no decision can be had; a failure is never an answer. */
  abstract check(question: PermissionQuestion): Promise<PermissionAnswer>;
}
