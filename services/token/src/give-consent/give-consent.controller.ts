import { Controller, Req, Res } from '@nestjs/common';
import { giveConsent, showConsent, type InputOf } from '@gatehouse/contracts';
import { CsrfProtection, Endpoint, Input, type Page, type Redirect } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { setActor } from '@gatehouse/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock } from '../clock.ts';
import type { Client } from '../domain/client.ts';
import { Browser } from '../protocol/browser.ts';
import { KnownResources } from '../protocol/known-resources.ts';
import { NextInteraction } from '../protocol/next-interaction.ts';
import { NextPages } from '../protocol/next-page.ts';
import { AuthorizationRequests, type PendingRequest } from '../store/authorization-requests.ts';
import { Clients } from '../store/clients.ts';
import { Sessions, type Session } from '../store/sessions.ts';
import { consentPage, deviceConsentPage, deviceDecidedPage } from './consent-page.ts';
import { DecideDevice } from './decide-device.ts';
import { GiveConsent } from './give-consent.ts';

interface AskedConsent {
  readonly pending: PendingRequest;
  readonly client: Client;
  readonly session: Session;
}

/** The consent page, for the account that is logged in in the browser in which the request began. */
@Controller()
export class GiveConsentController {
  constructor(
    private readonly giveConsent: GiveConsent,
    private readonly decideDevice: DecideDevice,
    private readonly requests: AuthorizationRequests,
    private readonly clients: Clients,
    private readonly sessions: Sessions,
    private readonly interactions: NextInteraction,
    private readonly known: KnownResources,
    private readonly browser: Browser,
    private readonly csrf: CsrfProtection,
    private readonly pages: NextPages,
    private readonly clock: Clock,
  ) {}

  @Endpoint(showConsent)
  async show(
    @Input() { query }: InputOf<typeof showConsent>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page> {
    const { pending, client } = await this.find(request, query.request);
    const show = pending.deviceGrantId === null ? consentPage : deviceConsentPage;
    return show(
      { pending, client, resources: await this.known.current() },
      this.csrf.issue(request, reply, pending.id),
    );
  }

  @Endpoint(giveConsent)
  async submit(
    @Input() { form }: InputOf<typeof giveConsent>,
    @Req() request: FastifyRequest,
  ): Promise<Page | Redirect> {
    this.csrf.verify(request, form.request, form.csrf_token);
    const { pending, session } = await this.find(request, form.request);
    const allowed = form.decision === 'allow';
    if (pending.deviceGrantId !== null) {
      await this.decideDevice.run(pending, pending.deviceGrantId, session, allowed);
      return deviceDecidedPage(allowed);
    }
    const response = allowed ? await this.giveConsent.allow(pending, session) : await this.giveConsent.deny(pending);
    return this.pages.show(response);
  }

  /** A session that the request finds too old, or of another account than it expects, may not answer it. */
  private async find(request: FastifyRequest, id: string): Promise<AskedConsent> {
    const [browserHash, sessionHash] = [this.browser.browserHash(request), this.browser.sessionHash(request)];
    const now = this.clock.now();
    const pending = browserHash && (await this.requests.find(id, browserHash, now));
    const session = sessionHash && (await this.sessions.find(sessionHash, now));
    const client = pending && (await this.clients.find(pending.clientId));
    if (!pending || !session || !client) throw expired();
    setActor('account', session.accountId);
    if ((await this.interactions.of(pending, client, session, pending.requestedAt)) === 'login') throw expired();
    return { pending, client, session };
  }
}

function expired(): Problem {
  return new Problem('gone', { detail: 'This login has expired. Please start again in your application.' });
}
