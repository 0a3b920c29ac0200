import { Controller } from '@nestjs/common';
import { CurrentPrincipal, type Principal } from '@gatehouse/authn';
import { consentRevoked, revokeConsent, type InputOf } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { Endpoint, Input } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import { grantKeys, Revoker } from '../protocol/revoker.ts';
import { AuthorizationCodes } from '../store/authorization-codes.ts';
import { Clients } from '../store/clients.ts';
import { Consents, type ConsentParties } from '../store/consents.ts';
import { DeviceAuthorizations } from '../store/device-authorizations.ts';
import { Grants, type Grant } from '../store/grants.ts';
import { requireFirstParty } from './require-first-party.ts';

const GRANTS_PER_TRANSACTION = 50;

@Controller()
export class RevokeConsent {
  constructor(
    private readonly consents: Consents,
    private readonly grants: Grants,
    private readonly codes: AuthorizationCodes,
    private readonly devices: DeviceAuthorizations,
    private readonly clients: Clients,
    private readonly revoker: Revoker,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  @Endpoint(revokeConsent)
  async handle(
    @Input() { path }: InputOf<typeof revokeConsent>,
    @CurrentPrincipal() principal: Principal,
  ): Promise<void> {
    await requireFirstParty(this.clients, principal);
    if (principal.kind === 'client') throw new Problem('not-found');
    const pair = { accountId: principal.id, clientId: path.client_id };
    if (!(await this.consents.has(pair))) throw new Problem('not-found');
    // The consent goes after the grants, so that a request that breaks off can be repeated.
    await this.revokeGrants(pair);
    await this.takeBack(pair);
    // Of codes that were exchanged meanwhile; there are none left to be exchanged.
    await this.revokeGrants(pair);
  }

  private takeBack(pair: ConsentParties): Promise<void> {
    const { accountId: account_id, clientId: client_id } = pair;
    return this.database.change([account_id], async (tx) => {
      await this.codes.removeUnused(tx, pair);
      await this.devices.refuseOf(tx, pair);
      if (await this.consents.remove(tx, pair)) await this.outbox.append(tx, consentRevoked, { account_id, client_id });
    });
  }

  private async revokeGrants(pair: ConsentParties): Promise<void> {
    for (let grants = await this.liveGrants(pair); grants.length > 0; grants = await this.liveGrants(pair)) {
      const some = grants;
      await this.database.change(
        some.flatMap(({ id }) => grantKeys(id)),
        async (tx) => {
          for (const grant of some) await this.revoker.revokeGrant(tx, grant, 'requested');
        },
      );
    }
  }

  private async liveGrants(pair: ConsentParties): Promise<readonly Grant[]> {
    const page = { limit: GRANTS_PER_TRANSACTION, after: null };
    return (await this.grants.listLive(pair, page, this.clock.now())).items;
  }
}
