import { Controller } from '@nestjs/common';
import { listRoles } from '@gatehouse/contracts';
import type { InputOf, RoleResource } from '@gatehouse/contracts';
import { Endpoint, Input, isUuid, pageRequest } from '@gatehouse/http';
import type { ListPage } from '@gatehouse/http';
import { Roles } from '../store/roles.ts';

@Controller()
export class ListRoles {
  constructor(private readonly roles: Roles) {}

  @Endpoint(listRoles)
  handle(@Input() { path, query }: InputOf<typeof listRoles>): Promise<ListPage<RoleResource>> {
    return this.roles.list(path.org_id, pageRequest(query, isUuid));
  }
}
