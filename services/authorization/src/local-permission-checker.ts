import { Injectable } from '@nestjs/common';
import { PermissionChecker } from '@gatehouse/authorization-client';
import type { PermissionAnswer, PermissionQuestion } from '@gatehouse/authorization-client';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { PermissionDecider } from './permission-decider.ts';

/**
 * This service's own access rules, answered without HTTP. Who does not belong to an organisation is told that there is none;
 * the platform organisation is no secret.
 */
@Injectable()
export class LocalPermissionChecker extends PermissionChecker {
  constructor(private readonly decider: PermissionDecider) {
    super();
  }

  async check({ user_id, subject_type = 'user', org_id, permission }: PermissionQuestion): Promise<PermissionAnswer> {
    const query = { subject: { type: subject_type, id: user_id }, organizationId: org_id, permission };
    const { allowed, belongs } = await this.decider.decide(query).catch(notTheCallersMistake);
    return { allowed, belongs, hidden: !belongs && org_id !== PLATFORM_ORGANIZATION_ID };
  }
}

/** A permission of our own that the catalog lacks means that this release was not migrated yet. */
function notTheCallersMistake(error: unknown): never {
  const isOurs = error instanceof Problem && error.code === 'unprocessable';
  throw isOurs ? new Problem('dependency-unavailable', { cause: error }) : error;
}
