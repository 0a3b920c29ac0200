import { Controller } from '@nestjs/common';
import { listPermissions } from '@gatehouse/contracts';
import type { InputOf, PermissionResource } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { Permissions } from '../store/permissions.ts';
import { isPrintable, pageRequest } from '../store/page.ts';
import type { Page } from '../store/page.ts';

@Controller()
export class ListPermissions {
  constructor(private readonly permissions: Permissions) {}

  @Endpoint(listPermissions)
  handle(@Input() { query }: InputOf<typeof listPermissions>): Promise<Page<PermissionResource>> {
    return this.permissions.list(pageRequest(query, isPrintable));
  }
}
