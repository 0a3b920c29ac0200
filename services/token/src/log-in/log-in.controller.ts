import { Controller, Req, Res } from '@nestjs/common';
import { logIn, resendVerification, showLogin, type InputOf } from '@gatehouse/contracts';
import { CsrfProtection, Endpoint, Input, type Page, type Redirect } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock } from '../clock.ts';
import { Browser } from '../protocol/browser.ts';
import { NextPages } from '../protocol/next-page.ts';
import { AuthorizationRequests, type PendingRequest } from '../store/authorization-requests.ts';
import { LogIn } from './log-in.ts';
import { loginPage, mailSentPage, unverifiedPage, type FormContext } from './login-pages.ts';
import { ResendVerification } from './resend-verification.ts';

/** The login page. Its forms belong to one pending request in one browser. */
@Controller()
export class LogInController {
  constructor(
    private readonly logIn: LogIn,
    private readonly resendVerification: ResendVerification,
    private readonly requests: AuthorizationRequests,
    private readonly browser: Browser,
    private readonly csrf: CsrfProtection,
    private readonly pages: NextPages,
    private readonly clock: Clock,
  ) {}

  @Endpoint(showLogin)
  async show(
    @Input() { query }: InputOf<typeof showLogin>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page> {
    const pending = await this.findPending(request, query.request);
    return loginPage(this.formContext(request, reply, pending), pending.loginHint ?? '');
  }

  @Endpoint(logIn)
  async submit(
    @Input() { form }: InputOf<typeof logIn>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page | Redirect> {
    this.csrf.verify(request, form.request, form.csrf_token);
    const pending = await this.findPending(request, form.request);
    const outcome = await this.logIn.run({
      pending,
      email: form.email,
      password: form.password,
      ip: request.ip,
      replacedSessionHash: this.browser.sessionHash(request),
    });
    if (outcome.failure === 'unverified') return unverifiedPage(this.formContext(request, reply, pending));
    if (outcome.failure) return loginPage(this.formContext(request, reply, pending), form.email, true);
    this.browser.startSession(reply, outcome.sessionCookie);
    return this.pages.show(outcome.next);
  }

  @Endpoint(resendVerification)
  async resend(@Input() { form }: InputOf<typeof resendVerification>, @Req() request: FastifyRequest): Promise<Page> {
    this.csrf.verify(request, form.request, form.csrf_token);
    const pending = await this.findPending(request, form.request);
    await this.resendVerification.run(pending);
    return mailSentPage(pending);
  }

  private formContext(request: FastifyRequest, reply: FastifyReply, pending: PendingRequest): FormContext {
    return { pending, csrfToken: this.csrf.issue(request, reply, pending.id) };
  }

  /** Only in the browser in which the request began: a link to somebody else's request leads nowhere. */
  private async findPending(request: FastifyRequest, id: string): Promise<PendingRequest> {
    const browserHash = this.browser.browserHash(request);
    const pending = browserHash && (await this.requests.find(id, browserHash, this.clock.now()));
    if (pending) return pending;
    throw new Problem('gone', { detail: 'This login has expired. Please start again in your application.' });
  }
}
