import { Controller } from '@nestjs/common';
import { readOrganization } from '@gatehouse/contracts';
import type { InputOf, OrganizationResource } from '@gatehouse/contracts';
import { Endpoint, existing, Input } from '@gatehouse/http';
import { Organizations } from '../store/organizations.ts';

@Controller()
export class ReadOrganization {
  constructor(private readonly organizations: Organizations) {}

  @Endpoint(readOrganization)
  async handle(@Input() { path }: InputOf<typeof readOrganization>): Promise<OrganizationResource> {
    return existing(await this.organizations.find(path.org_id));
  }
}
