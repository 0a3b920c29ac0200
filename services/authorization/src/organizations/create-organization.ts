import { Controller } from '@nestjs/common';
import { CurrentPrincipal } from '@gatehouse/authn';
import type { Principal } from '@gatehouse/authn';
import {
  createOrganization,
  grantAdded,
  membershipAdded,
  organizationCreated,
  roleCreated,
} from '@gatehouse/contracts';
import type { InputOf, OrganizationResource, RaisedEpochs, Subject } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { Endpoint, Input } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { administrator as administratorRole } from '../domain/built-in-roles.ts';
import { OrganizationChanges } from '../organization-changes.ts';
import { Grants } from '../store/grants.ts';
import { Memberships } from '../store/memberships.ts';
import { Organizations } from '../store/organizations.ts';
import { Roles } from '../store/roles.ts';
import { subjectOf } from '../subject-of.ts';

@Controller()
export class CreateOrganization {
  constructor(
    private readonly changes: OrganizationChanges,
    private readonly organizations: Organizations,
    private readonly roles: Roles,
    private readonly memberships: Memberships,
    private readonly grants: Grants,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(createOrganization)
  handle(
    @Input() { json }: InputOf<typeof createOrganization>,
    @CurrentPrincipal() principal: Principal,
  ): Promise<OrganizationResource> {
    const id = uuidv7();
    const { name, administrator = subjectOf(principal) } = json;
    return this.changes.run(id, { organization: true, subject: administrator }, async (tx, epochs) => {
      const organization = await this.organizations.insert(tx, { id, name });
      await this.outbox.append(tx, organizationCreated, { organization_id: id, name, administrator, epochs });
      await this.appoint(tx, id, administrator, epochs);
      return organization;
    });
  }

  /** Nobody else could let anyone in: the administrator is there from the beginning. */
  private async appoint(tx: Tx, organization_id: string, subject: Subject, epochs: RaisedEpochs): Promise<void> {
    const contents = { ...administratorRole, permissions: [...administratorRole.permissions] };
    const role = await this.roles.insert(tx, { ...contents, id: uuidv7(), organization_id });
    await this.outbox.append(tx, roleCreated, { ...role, role_id: role.id, epochs });
    if (subject.type === 'user') {
      const membership = { organization_id, user_id: subject.id, expires_at: null };
      await this.memberships.insert(tx, membership);
      await this.outbox.append(tx, membershipAdded, { ...membership, epochs });
    }
    const grant = await this.grants.insert(tx, {
      id: uuidv7(),
      organization_id,
      subject,
      role_id: role.id,
      permission: null,
      effect: 'allow',
      not_before: null,
      expires_at: null,
    });
    await this.outbox.append(tx, grantAdded, { ...grant, grant_id: grant.id, epochs });
  }
}
