import { Controller } from '@nestjs/common';
import { listGrants } from '@gatehouse/contracts';
import type { InputOf, GrantResource } from '@gatehouse/contracts';
import { Endpoint, Input, isUuid, pageRequest } from '@gatehouse/http';
import type { ListPage } from '@gatehouse/http';
import { Grants } from '../store/grants.ts';

@Controller()
export class ListGrants {
  constructor(private readonly grants: Grants) {}

  @Endpoint(listGrants)
  handle(@Input() { path, query }: InputOf<typeof listGrants>): Promise<ListPage<GrantResource>> {
    return this.grants.list(path.org_id, query, pageRequest(query, isUuid));
  }
}
