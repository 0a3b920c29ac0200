import { Injectable } from '@nestjs/common';
import { Clock } from '../clock.ts';
import type { AuthorizationRequest } from '../domain/authorization-request.ts';
import type { Client } from '../domain/client.ts';
import { decideInteraction, type Interaction } from '../domain/interaction.ts';
import { Consents } from '../store/consents.ts';
import type { Session } from '../store/sessions.ts';

/** Finds out what a person still has to do for an authorization request. */
@Injectable()
export class NextInteraction {
  constructor(
    private readonly consents: Consents,
    private readonly clock: Clock,
  ) {}

  /** @throws OAuthError where `prompt=none` forbids to ask, or no login can be enough */
  async of(
    request: AuthorizationRequest,
    client: Client,
    session: Session | null,
    requestedAt: Date,
  ): Promise<Interaction> {
    const consentedScope =
      session && !client.firstParty ? await this.consents.scopeOf(session.accountId, client.id) : null;
    return decideInteraction(request, { login: session, requestedAt, consentedScope, now: this.clock.now() });
  }
}
