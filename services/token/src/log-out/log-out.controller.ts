import { Controller, Req, Res } from '@nestjs/common';
import { confirmLogout, logOut, logOutByForm, type InputOf } from '@gatehouse/contracts';
import { CsrfProtection, Endpoint, Input, Redirect, type Page } from '@gatehouse/http';
import { setActor } from '@gatehouse/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { mustAsk } from '../domain/logout.ts';
import { Browser } from '../protocol/browser.ts';
import { Sessions, type Session } from '../store/sessions.ts';
import { LogOut, type LogoutRequest } from './log-out.ts';
import { askLogoutPage, loggedOutPage } from './logout-pages.ts';

@Controller()
export class LogOutController {
  constructor(
    private readonly logOut: LogOut,
    private readonly sessions: Sessions,
    private readonly browser: Browser,
    private readonly csrf: CsrfProtection,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  @Endpoint(logOut)
  async handle(
    @Input() { query }: InputOf<typeof logOut>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page | Redirect> {
    const asked = await this.logOut.read(query);
    const session = await this.sessionOf(request);
    if (session && mustAsk(asked.hint, session)) {
      const csrfToken = this.csrf.issue(request, reply, purposeOf(session));
      return askLogoutPage({ ...asked, parameters: query, csrfToken });
    }
    return this.end(session, asked, reply);
  }

  @Endpoint(logOutByForm)
  handleForm(@Input() { form }: InputOf<typeof logOutByForm>): Redirect {
    const query = new URLSearchParams(Object.entries(form).filter(([, value]) => value !== undefined));
    return new Redirect(`${this.settings.issuer}/oauth/logout?${query.toString()}`);
  }

  @Endpoint(confirmLogout)
  async confirm(
    @Input() { form }: InputOf<typeof confirmLogout>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page | Redirect> {
    const session = await this.sessionOf(request);
    if (session) this.csrf.verify(request, purposeOf(session), form.csrf_token);
    return this.end(session, await this.logOut.read(form), reply);
  }

  private async end(session: Session | null, asked: LogoutRequest, reply: FastifyReply): Promise<Page | Redirect> {
    if (session) await this.logOut.end(session, asked.client);
    this.browser.endSession(reply);
    return asked.returnTo === null ? loggedOutPage() : new Redirect(asked.returnTo);
  }

  private async sessionOf(request: FastifyRequest): Promise<Session | null> {
    const hash = this.browser.sessionHash(request);
    const session = hash && (await this.sessions.find(hash, this.clock.now()));
    if (session) setActor('account', session.accountId);
    return session;
  }
}

/** The form of one session logs out of no later one. */
function purposeOf({ id }: Session): string {
  return `logout:${id}`;
}
