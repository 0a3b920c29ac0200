import { Controller } from '@nestjs/common';
import { permissionRegistered, PLATFORM_ORGANIZATION_ID, registerPermission } from '@gatehouse/contracts';
import type { InputOf, PermissionResource } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { OrganizationChanges } from '../organization-changes.ts';
import { Permissions } from '../store/permissions.ts';

@Controller()
export class RegisterPermission {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly permissions: Permissions,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(registerPermission)
  handle(@Input() { json }: InputOf<typeof registerPermission>): Promise<PermissionResource> {
    return this.changes.run(PLATFORM_ORGANIZATION_ID, { catalog: true }, async (tx, epochs) => {
      const permission = await this.permissions.register(tx, json);
      await this.outbox.append(tx, permissionRegistered, { ...json, permission: json.name, epochs });
      return permission;
    });
  }
}
