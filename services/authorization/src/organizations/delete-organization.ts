import { Controller } from '@nestjs/common';
import { deleteOrganization, organizationDeleted, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { InputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { OrganizationChanges } from '../organization-changes.ts';
import { Organizations } from '../store/organizations.ts';

@Controller()
export class DeleteOrganization {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly organizations: Organizations,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(deleteOrganization)
  async handle(@Input() { path, headers }: InputOf<typeof deleteOrganization>): Promise<void> {
    const organization_id = path.org_id;
    if (organization_id === PLATFORM_ORGANIZATION_ID)
      throw new Problem('conflict', { detail: 'The platform organisation cannot be deleted.' });
    await this.changes.run(organization_id, { organization: true }, async (tx, epochs) => {
      requireVersion(existing(await this.organizations.find(organization_id, tx)), headers);
      const gone = await this.organizations.delete(tx, organization_id);
      await this.outbox.append(tx, organizationDeleted, {
        organization_id,
        roles_deleted: gone.roles,
        memberships_removed: gone.memberships,
        grants_removed: gone.grants,
        epochs,
      });
    });
  }
}
