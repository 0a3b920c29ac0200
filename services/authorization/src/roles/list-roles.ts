import { Controller } from '@nestjs/common';
import { listRoles } from '@gatehouse/contracts';
import type { InputOf, RoleResource } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { Roles } from '../store/roles.ts';
import { isUuid, pageRequest } from '../store/page.ts';
import type { Page } from '../store/page.ts';

@Controller()
export class ListRoles {
  constructor(private readonly roles: Roles) {}

  @Endpoint(listRoles)
  handle(@Input() { path, query }: InputOf<typeof listRoles>): Promise<Page<RoleResource>> {
    return this.roles.list(path.org_id, pageRequest(query, isUuid));
  }
}
