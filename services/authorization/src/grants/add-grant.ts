import { Controller } from '@nestjs/common';
import { addGrant, grantAdded } from '@gatehouse/contracts';
import type { GrantResource, InputOf } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { Endpoint, Input } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { GrantablePermissions } from '../grantable-permissions.ts';
import { OrganizationChanges } from '../organization-changes.ts';
import { Grants } from '../store/grants.ts';
import { Memberships } from '../store/memberships.ts';
import { Roles } from '../store/roles.ts';

type NewGrant = InputOf<typeof addGrant>['json'];

@Controller()
export class AddGrant {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly grants: Grants,
    private readonly roles: Roles,
    private readonly memberships: Memberships,
    private readonly grantable: GrantablePermissions,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(addGrant)
  handle(@Input() { path, json }: InputOf<typeof addGrant>): Promise<GrantResource> {
    const organization_id = path.org_id;
    return this.changes.run(organization_id, { subject: json.subject }, async (tx, epochs) => {
      await this.requireMember(tx, organization_id, json);
      const given = {
        role_id: await this.role(tx, organization_id, json),
        permission: await this.permission(tx, organization_id, json),
      };
      const grant = await this.grants.insert(tx, { ...json, ...given, id: uuidv7(), organization_id });
      await this.outbox.append(tx, grantAdded, { ...grant, grant_id: grant.id, epochs });
      return grant;
    });
  }

  private async requireMember(tx: Tx, organization_id: string, { subject }: NewGrant): Promise<void> {
    if (subject.type === 'client') return;
    if (await this.memberships.find({ organization_id, user_id: subject.id }, tx)) return;
    throw new Problem('unprocessable', { detail: 'The user is not a member of the organisation.' });
  }

  private async role(tx: Tx, organizationId: string, { role_id }: NewGrant): Promise<string | null> {
    if (role_id === undefined) return null;
    if (await this.roles.find(organizationId, role_id, tx)) return role_id;
    throw new Problem('unprocessable', { detail: 'The organisation has no such role.' });
  }

  private async permission(tx: Tx, organizationId: string, { permission }: NewGrant): Promise<string | null> {
    if (permission === undefined) return null;
    const [pattern = null] = await this.grantable.require(tx, organizationId, [permission]);
    return pattern;
  }
}
