import { Controller } from '@nestjs/common';
import { CurrentPrincipal, type Principal } from '@gatehouse/authn';
import { revokeAll } from '@gatehouse/contracts';
import { Endpoint } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { RevokeAll } from './revoke-all.ts';

@Controller()
export class RevokeAllController {
  constructor(private readonly revokeAll: RevokeAll) {}

  @Endpoint(revokeAll)
  async handle(@CurrentPrincipal() { kind, id, clientId }: Principal): Promise<void> {
    if (kind !== 'account') throw new Problem('permission-denied', { detail: 'A client has no account.' });
    await this.revokeAll.run({ accountId: id, clientId });
  }
}
