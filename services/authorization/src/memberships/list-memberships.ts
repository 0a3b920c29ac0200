import { Controller } from '@nestjs/common';
import { listMemberships } from '@gatehouse/contracts';
import type { InputOf, MembershipResource } from '@gatehouse/contracts';
import { Endpoint, Input, isPrintable, pageRequest } from '@gatehouse/http';
import type { ListPage } from '@gatehouse/http';
import { Memberships } from '../store/memberships.ts';

@Controller()
export class ListMemberships {
  constructor(private readonly memberships: Memberships) {}

  @Endpoint(listMemberships)
  handle(@Input() { path, query }: InputOf<typeof listMemberships>): Promise<ListPage<MembershipResource>> {
    return this.memberships.list(path.org_id, pageRequest(query, isPrintable));
  }
}
