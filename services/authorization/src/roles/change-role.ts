import { Controller } from '@nestjs/common';
import { changeRole, roleChanged } from '@gatehouse/contracts';
import type { InputOf, RoleResource } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { requireOwnRole } from '../domain/built-in-roles.ts';
import { GrantablePermissions } from '../grantable-permissions.ts';
import { OrganizationChanges } from '../organization-changes.ts';
import { Roles } from '../store/roles.ts';

@Controller()
export class ChangeRole {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly roles: Roles,
    private readonly grantable: GrantablePermissions,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(changeRole)
  handle(@Input() { path, headers, json }: InputOf<typeof changeRole>): Promise<RoleResource> {
    return this.changes.run(path.org_id, { organization: true }, async (tx, epochs) => {
      const present = existing(await this.roles.find(path.org_id, path.role_id, tx));
      requireVersion(present, headers);
      requireOwnRole(path.role_id);
      const { name = present.name, description = present.description } = json;
      const permissions = await this.grantable.require(tx, path.org_id, json.permissions ?? present.permissions);
      const role = await this.roles.replace(tx, path.role_id, { name, description, permissions });
      await this.outbox.append(tx, roleChanged, { ...role, role_id: role.id, epochs });
      return role;
    });
  }
}
