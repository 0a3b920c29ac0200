import { Controller } from '@nestjs/common';
import { CurrentPrincipal, type Principal } from '@gatehouse/authn';
import { readUserinfo, readUserinfoByForm, type OutputOf } from '@gatehouse/contracts';
import { Endpoint } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { selectClaims } from '../domain/userinfo-claims.ts';
import { Accounts } from '../store/accounts.ts';
import { Grants } from '../store/grants.ts';

/** The userinfo endpoint (OIDC Core 5.3). */
@Controller()
export class ReadUserinfoController {
  constructor(
    private readonly accounts: Accounts,
    private readonly grants: Grants,
  ) {}

  @Endpoint(readUserinfo)
  handle(@CurrentPrincipal() principal: Principal): Promise<OutputOf<typeof readUserinfo>> {
    return this.claimsOf(principal);
  }

  @Endpoint(readUserinfoByForm)
  handleForm(@CurrentPrincipal() principal: Principal): Promise<OutputOf<typeof readUserinfoByForm>> {
    return this.claimsOf(principal);
  }

  private async claimsOf({ kind, id, grantId, scope }: Principal): Promise<OutputOf<typeof readUserinfo>> {
    if (kind !== 'account' || !scope.includes('openid')) throw insufficientScope();
    const account = await this.accounts.find(id);
    if (!account) throw new Problem('unauthenticated', { cause: new Error(`account ${id} is gone`) });
    const requested = grantId === undefined ? null : await this.grants.claimsOf(grantId);
    const known = {
      sub: account.id,
      email: account.address,
      email_verified: account.verifiedAt !== null,
      ...(account.locale === null ? {} : { locale: account.locale }),
    };
    return selectClaims(known, scope, requested?.userinfo ?? null);
  }
}

/** RFC 6750 3.1. */
function insufficientScope(): Problem {
  return new Problem('permission-denied', {
    detail: 'The access token lacks the scope openid.',
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="openid"' },
  });
}
