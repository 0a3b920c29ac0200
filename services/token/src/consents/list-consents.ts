import { Controller } from '@nestjs/common';
import { CurrentPrincipal, type Principal } from '@gatehouse/authn';
import { listConsents, type ConsentResource, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input, isPrintable, pageRequest, type ListPage } from '@gatehouse/http';
import { Clients } from '../store/clients.ts';
import { Consents } from '../store/consents.ts';
import { requireFirstParty } from './require-first-party.ts';

@Controller()
export class ListConsents {
  constructor(
    private readonly consents: Consents,
    private readonly clients: Clients,
  ) {}

  /** A client that acts for itself has allowed nobody anything. */
  @Endpoint(listConsents)
  async handle(
    @Input() { query }: InputOf<typeof listConsents>,
    @CurrentPrincipal() principal: Principal,
  ): Promise<ListPage<ConsentResource>> {
    await requireFirstParty(this.clients, principal);
    const page = pageRequest(query, isPrintable);
    if (principal.kind === 'client') return { items: [], next_cursor: null };
    const { items, next_cursor } = await this.consents.list(principal.id, page);
    const resources = items.map(({ clientId, clientName, scope, givenAt }) => ({
      client_id: clientId,
      client_name: clientName,
      scope: [...scope],
      given_at: givenAt.toISOString(),
    }));
    return { items: resources, next_cursor };
  }
}
