import { Controller } from '@nestjs/common';
import { changeMembership, membershipChanged } from '@gatehouse/contracts';
import type { InputOf, MembershipResource } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { OrganizationChanges } from '../organization-changes.ts';
import { Memberships } from '../store/memberships.ts';

@Controller()
export class ChangeMembership {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly memberships: Memberships,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(changeMembership)
  handle(@Input() { path, headers, json }: InputOf<typeof changeMembership>): Promise<MembershipResource> {
    const key = { organization_id: path.org_id, user_id: path.user_id };
    const subject = { type: 'user', id: path.user_id } as const;
    return this.changes.run(path.org_id, { subject }, async (tx, epochs) => {
      const present = existing(await this.memberships.find(key, tx));
      requireVersion(present, headers);
      const { expires_at = present.expires_at } = json;
      const membership = await this.memberships.change(tx, key, expires_at);
      await this.outbox.append(tx, membershipChanged, { ...membership, epochs });
      return membership;
    });
  }
}
