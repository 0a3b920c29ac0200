import { Controller } from '@nestjs/common';
import { listMemberships } from '@gatehouse/contracts';
import type { InputOf, MembershipResource } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { Memberships } from '../store/memberships.ts';
import { isPrintable, pageRequest } from '../store/page.ts';
import type { Page } from '../store/page.ts';

@Controller()
export class ListMemberships {
  constructor(private readonly memberships: Memberships) {}

  @Endpoint(listMemberships)
  handle(@Input() { path, query }: InputOf<typeof listMemberships>): Promise<Page<MembershipResource>> {
    return this.memberships.list(path.org_id, pageRequest(query, isPrintable));
  }
}
