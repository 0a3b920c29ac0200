import { Controller } from '@nestjs/common';
import { CurrentPrincipal } from '@gatehouse/authn';
import type { Principal } from '@gatehouse/authn';
import { listOrganizations, organizationsCreate, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { InputOf, OrganizationResource } from '@gatehouse/contracts';
import { Endpoint, Input, isUuid, pageRequest } from '@gatehouse/http';
import type { ListPage } from '@gatehouse/http';
import { PermissionDecider } from '../permission-decider.ts';
import { Organizations } from '../store/organizations.ts';
import { subjectOf } from '../subject-of.ts';

@Controller()
export class ListOrganizations {
  constructor(
    private readonly organizations: Organizations,
    private readonly decider: PermissionDecider,
  ) {}

  @Endpoint(listOrganizations)
  async handle(
    @Input() { query }: InputOf<typeof listOrganizations>,
    @CurrentPrincipal() principal: Principal,
  ): Promise<ListPage<OrganizationResource>> {
    const subject = subjectOf(principal);
    const page = pageRequest(query, isUuid);
    const { allowed: mayListAll } = await this.decider.decide({
      subject,
      organizationId: PLATFORM_ORGANIZATION_ID,
      permission: organizationsCreate.name,
    });
    return mayListAll ? this.organizations.list(page) : this.organizations.listOf(subject, page);
  }
}
