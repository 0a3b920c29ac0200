import { Controller } from '@nestjs/common';
import { changeOrganization, organizationChanged } from '@gatehouse/contracts';
import type { InputOf, OrganizationResource } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { OrganizationChanges } from '../organization-changes.ts';
import { Organizations } from '../store/organizations.ts';

@Controller()
export class ChangeOrganization {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly organizations: Organizations,
    private readonly outbox: Outbox,
  ) {}

  /** A name is nobody's permission, so no epoch is raised. */
  @Endpoint(changeOrganization)
  handle(@Input() { path, headers, json }: InputOf<typeof changeOrganization>): Promise<OrganizationResource> {
    return this.changes.run(path.org_id, {}, async (tx) => {
      const present = existing(await this.organizations.find(path.org_id, tx));
      requireVersion(present, headers);
      const { name = present.name } = json;
      const organization = await this.organizations.rename(tx, path.org_id, name);
      await this.outbox.append(tx, organizationChanged, { organization_id: path.org_id, name });
      return organization;
    });
  }
}
