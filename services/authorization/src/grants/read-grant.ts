import { Controller } from '@nestjs/common';
import { readGrant } from '@gatehouse/contracts';
import type { InputOf, GrantResource } from '@gatehouse/contracts';
import { Endpoint, existing, Input } from '@gatehouse/http';
import { Grants } from '../store/grants.ts';

@Controller()
export class ReadGrant {
  constructor(private readonly grants: Grants) {}

  @Endpoint(readGrant)
  async handle(@Input() { path }: InputOf<typeof readGrant>): Promise<GrantResource> {
    return existing(await this.grants.find(path.org_id, path.grant_id));
  }
}
