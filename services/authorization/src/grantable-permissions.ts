import { Injectable } from '@nestjs/common';
import type { Tx } from '@gatehouse/database';
import { Problem } from '@gatehouse/problem';
import { refusalToGrant } from './domain/grantable.ts';
import { normalizePattern } from './domain/permission-pattern.ts';
import { Permissions } from './store/permissions.ts';

/** Decides what roles and grants of an organisation may carry. */
@Injectable()
export class GrantablePermissions {
  constructor(private readonly permissions: Permissions) {}

  /** The patterns as they are stored, each once. Throws `unprocessable` where one cannot be granted there. */
  async require(tx: Tx, organizationId: string, patterns: readonly string[]): Promise<string[]> {
    const normalized = [...new Set(patterns.map(normalizePattern))];
    const refusal = refusalToGrant(organizationId, normalized, await this.permissions.scopesOf(tx, normalized));
    if (refusal !== null) throw new Problem('unprocessable', { detail: refusal });
    return normalized;
  }
}
