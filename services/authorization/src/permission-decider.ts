import { Injectable } from '@nestjs/common';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { decide } from './domain/decide.ts';
import { Decisions } from './store/decisions.ts';
import type { PermissionsQuery, PermissionsSnapshot } from './store/decisions.ts';

export interface PermissionDecision {
  readonly allowed: boolean;
  /** Whether the subject belongs to the organisation, as a member or by a grant of its own. */
  readonly belongs: boolean;
}

/** Decides from the database; both the check endpoint and this service's own access rules do so. */
@Injectable()
export class PermissionDecider {
  constructor(private readonly decisions: Decisions) {}

  /** Throws `unprocessable` for a permission that is not in the catalog, and `dependency-unavailable` for every failure. */
  async decide(query: PermissionsQuery): Promise<PermissionDecision> {
    const { scope, organizationExists, belongs, held } = await this.read(query);
    if (scope === null)
      throw new Problem('unprocessable', { detail: `The permission ${query.permission} is not in the catalog.` });
    if (!organizationExists) return { allowed: false, belongs: false };
    const { allowed } = decide(held, {
      permission: { name: query.permission, scope },
      inPlatformOrganization: query.organizationId === PLATFORM_ORGANIZATION_ID,
    });
    return { allowed, belongs };
  }

  private async read(query: PermissionsQuery): Promise<PermissionsSnapshot> {
    try {
      return await this.decisions.read(query);
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem('dependency-unavailable', { cause: error, retryAfterSeconds: 1 });
    }
  }
}
