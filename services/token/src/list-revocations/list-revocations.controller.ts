import { Controller } from '@nestjs/common';
import { CurrentPrincipal, type Principal } from '@gatehouse/authn';
import { listRevocations, REVOCATIONS_SCOPE, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { OwnRevocations } from '../protocol/own-revocations.ts';

/**
 * What guards ask. A scope decides, and not a permission: the authorization service is itself a guard, and could not
 * answer before it knows the revocations.
 */
@Controller()
export class ListRevocationsController {
  constructor(private readonly revocations: OwnRevocations) {}

  @Endpoint(listRevocations)
  handle(
    @Input() { query }: InputOf<typeof listRevocations>,
    @CurrentPrincipal() principal: Principal,
  ): Promise<OutputOf<typeof listRevocations>> {
    if (principal.kind !== 'client' || !principal.scope.includes(REVOCATIONS_SCOPE))
      throw new Problem('permission-denied', { detail: `The token needs the scope ${REVOCATIONS_SCOPE}.` });
    return this.revocations.since(query.after, query.limit);
  }
}
