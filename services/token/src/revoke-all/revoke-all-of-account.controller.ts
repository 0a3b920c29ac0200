import { Controller } from '@nestjs/common';
import { CurrentPrincipal, type Principal } from '@gatehouse/authn';
import { RequirePermission } from '@gatehouse/authorization-client';
import { revokeAllOfAccount, tokenGrantRevoke, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { RevokeAll } from './revoke-all.ts';

@Controller()
export class RevokeAllOfAccountController {
  constructor(private readonly revokeAll: RevokeAll) {}

  @Endpoint(revokeAllOfAccount)
  @RequirePermission(tokenGrantRevoke)
  async handle(
    @Input() { path }: InputOf<typeof revokeAllOfAccount>,
    @CurrentPrincipal() { clientId }: Principal,
  ): Promise<void> {
    const known = await this.revokeAll.run({ accountId: path.account_id, clientId });
    if (!known) throw new Problem('not-found');
  }
}
