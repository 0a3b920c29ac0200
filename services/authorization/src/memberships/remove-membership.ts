import { Controller } from '@nestjs/common';
import { grantRemoved, membershipRemoved, removeMembership } from '@gatehouse/contracts';
import type { InputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { OrganizationChanges } from '../organization-changes.ts';
import { Grants } from '../store/grants.ts';
import { Memberships } from '../store/memberships.ts';

@Controller()
export class RemoveMembership {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly memberships: Memberships,
    private readonly grants: Grants,
    private readonly outbox: Outbox,
  ) {}

  /** The grants go with the membership: who comes back later does not find old rights waiting. */
  @Endpoint(removeMembership)
  async handle(@Input() { path, headers }: InputOf<typeof removeMembership>): Promise<void> {
    const key = { organization_id: path.org_id, user_id: path.user_id };
    const subject = { type: 'user', id: path.user_id } as const;
    await this.changes.run(path.org_id, { subject }, async (tx, epochs) => {
      requireVersion(existing(await this.memberships.find(key, tx)), headers);
      for (const grant of await this.grants.deleteOf(tx, path.org_id, subject))
        await this.outbox.append(tx, grantRemoved, { ...grant, grant_id: grant.id, epochs });
      await this.memberships.delete(tx, key);
      await this.outbox.append(tx, membershipRemoved, { ...key, epochs });
    });
  }
}
