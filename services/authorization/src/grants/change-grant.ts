import { Controller } from '@nestjs/common';
import { changeGrant, grantChanged } from '@gatehouse/contracts';
import type { GrantResource, InputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { OrganizationChanges } from '../organization-changes.ts';
import { Grants } from '../store/grants.ts';

@Controller()
export class ChangeGrant {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly grants: Grants,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(changeGrant)
  async handle(@Input() { path, headers, json }: InputOf<typeof changeGrant>): Promise<GrantResource> {
    const { org_id, grant_id } = path;
    // Whose grant it is never changes, so it can be read before that subject's epoch is locked.
    const { subject } = existing(await this.grants.find(org_id, grant_id));
    return this.changes.run(org_id, { subject }, async (tx, epochs) => {
      const present = existing(await this.grants.find(org_id, grant_id, tx));
      requireVersion(present, headers);
      const { not_before = present.not_before, expires_at = present.expires_at } = json;
      const grant = await this.grants.change(tx, grant_id, { not_before, expires_at });
      await this.outbox.append(tx, grantChanged, { ...grant, grant_id, epochs });
      return grant;
    });
  }
}
