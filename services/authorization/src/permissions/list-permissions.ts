import { Controller } from '@nestjs/common';
import { listPermissions } from '@gatehouse/contracts';
import type { InputOf, PermissionResource } from '@gatehouse/contracts';
import { Endpoint, Input, isPrintable, pageRequest } from '@gatehouse/http';
import type { ListPage } from '@gatehouse/http';
import { Permissions } from '../store/permissions.ts';

@Controller()
export class ListPermissions {
  constructor(private readonly permissions: Permissions) {}

  @Endpoint(listPermissions)
  handle(@Input() { query }: InputOf<typeof listPermissions>): Promise<ListPage<PermissionResource>> {
    return this.permissions.list(pageRequest(query, isPrintable));
  }
}
