import { Controller } from '@nestjs/common';
import { grantRemoved, removeGrant } from '@gatehouse/contracts';
import type { InputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { OrganizationChanges } from '../organization-changes.ts';
import { Grants } from '../store/grants.ts';

@Controller()
export class RemoveGrant {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly grants: Grants,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(removeGrant)
  async handle(@Input() { path, headers }: InputOf<typeof removeGrant>): Promise<void> {
    const { org_id, grant_id } = path;
    // Whose grant it is never changes, so it can be read before that subject's epoch is locked.
    const { subject } = existing(await this.grants.find(org_id, grant_id));
    await this.changes.run(org_id, { subject }, async (tx, epochs) => {
      const grant = existing(await this.grants.find(org_id, grant_id, tx));
      requireVersion(grant, headers);
      await this.grants.delete(tx, grant_id);
      await this.outbox.append(tx, grantRemoved, { ...grant, grant_id, epochs });
    });
  }
}
