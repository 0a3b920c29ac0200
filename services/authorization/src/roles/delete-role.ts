import { Controller } from '@nestjs/common';
import { deleteRole, roleDeleted } from '@gatehouse/contracts';
import type { InputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { requireOwnRole } from '../domain/built-in-roles.ts';
import { OrganizationChanges } from '../organization-changes.ts';
import { Roles } from '../store/roles.ts';

@Controller()
export class DeleteRole {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly roles: Roles,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(deleteRole)
  async handle(@Input() { path, headers }: InputOf<typeof deleteRole>): Promise<void> {
    const { org_id, role_id } = path;
    await this.changes.run(org_id, { organization: true }, async (tx, epochs) => {
      requireVersion(existing(await this.roles.find(org_id, role_id, tx)), headers);
      requireOwnRole(role_id);
      await this.roles.delete(tx, role_id);
      await this.outbox.append(tx, roleDeleted, { organization_id: org_id, role_id, epochs });
    });
  }
}
