import { Controller } from '@nestjs/common';
import { addMembership, membershipAdded } from '@gatehouse/contracts';
import type { InputOf, MembershipResource } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { OrganizationChanges } from '../organization-changes.ts';
import { Memberships } from '../store/memberships.ts';

@Controller()
export class AddMembership {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly memberships: Memberships,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(addMembership)
  handle(@Input() { path, json }: InputOf<typeof addMembership>): Promise<MembershipResource> {
    const subject = { type: 'user', id: json.user_id } as const;
    return this.changes.run(path.org_id, { subject }, async (tx, epochs) => {
      const membership = await this.memberships.insert(tx, { ...json, organization_id: path.org_id });
      await this.outbox.append(tx, membershipAdded, { ...membership, epochs });
      return membership;
    });
  }
}
