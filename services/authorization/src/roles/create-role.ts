import { Controller } from '@nestjs/common';
import { createRole, roleCreated } from '@gatehouse/contracts';
import type { InputOf, RoleResource } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import { Endpoint, Input } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { GrantablePermissions } from '../grantable-permissions.ts';
import { OrganizationChanges } from '../organization-changes.ts';
import { Roles } from '../store/roles.ts';

@Controller()
export class CreateRole {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly roles: Roles,
    private readonly grantable: GrantablePermissions,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(createRole)
  handle(@Input() { path, json }: InputOf<typeof createRole>): Promise<RoleResource> {
    return this.changes.run(path.org_id, { organization: true }, async (tx, epochs) => {
      const permissions = await this.grantable.require(tx, path.org_id, json.permissions);
      const contents = { ...json, permissions };
      const role = await this.roles.insert(tx, { ...contents, id: uuidv7(), organization_id: path.org_id });
      await this.outbox.append(tx, roleCreated, { ...role, role_id: role.id, epochs });
      return role;
    });
  }
}
