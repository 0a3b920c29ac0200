import { Injectable } from '@nestjs/common';
import { PermissionChecker } from '@gatehouse/authorization-client';
import type { PermissionAnswer, PermissionQuestion } from '@gatehouse/authorization-client';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
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
    const subject = { type: subject_type, id: user_id };
    const { allowed, belongs } = await this.decider.decide({ subject, organizationId: org_id, permission });
    return { allowed, hidden: !belongs && org_id !== PLATFORM_ORGANIZATION_ID };
  }
}
