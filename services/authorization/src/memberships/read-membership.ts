import { Controller } from '@nestjs/common';
import { readMembership } from '@gatehouse/contracts';
import type { InputOf, MembershipResource } from '@gatehouse/contracts';
import { Endpoint, existing, Input } from '@gatehouse/http';
import { Memberships } from '../store/memberships.ts';

@Controller()
export class ReadMembership {
  constructor(private readonly memberships: Memberships) {}

  @Endpoint(readMembership)
  async handle(@Input() { path }: InputOf<typeof readMembership>): Promise<MembershipResource> {
    return existing(await this.memberships.find({ organization_id: path.org_id, user_id: path.user_id }));
  }
}
