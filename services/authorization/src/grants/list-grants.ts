import { Controller } from '@nestjs/common';
import { listGrants } from '@gatehouse/contracts';
import type { InputOf, GrantResource } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { Grants } from '../store/grants.ts';
import { isUuid, pageRequest } from '../store/page.ts';
import type { Page } from '../store/page.ts';

@Controller()
export class ListGrants {
  constructor(private readonly grants: Grants) {}

  @Endpoint(listGrants)
  handle(@Input() { path, query }: InputOf<typeof listGrants>): Promise<Page<GrantResource>> {
    return this.grants.list(path.org_id, query, pageRequest(query, isUuid));
  }
}
