import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { revokeTokenGrant, tokenGrantRevoke, type InputOf } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { Endpoint, existing, Input } from '@gatehouse/http';
import { grantKeys, Revoker } from '../protocol/revoker.ts';
import { Grants } from '../store/grants.ts';

@Controller()
export class RevokeTokenGrant {
  constructor(
    private readonly grants: Grants,
    private readonly revoker: Revoker,
    private readonly database: Database,
  ) {}

  @Endpoint(revokeTokenGrant)
  @RequirePermission(tokenGrantRevoke)
  async handle(@Input() { path }: InputOf<typeof revokeTokenGrant>): Promise<void> {
    const grant = existing(await this.grants.find(path.grant_id));
    await this.database.change(grantKeys(grant.id), (tx) => this.revoker.revokeGrant(tx, grant, 'requested'));
  }
}
