import { Controller } from '@nestjs/common';
import { readRole } from '@gatehouse/contracts';
import type { InputOf, RoleResource } from '@gatehouse/contracts';
import { Endpoint, existing, Input } from '@gatehouse/http';
import { Roles } from '../store/roles.ts';

@Controller()
export class ReadRole {
  constructor(private readonly roles: Roles) {}

  @Endpoint(readRole)
  async handle(@Input() { path }: InputOf<typeof readRole>): Promise<RoleResource> {
    return existing(await this.roles.find(path.org_id, path.role_id));
  }
}
