import { Controller, Req, Res } from '@nestjs/common';
import { enterUserCode, showUserCodeForm, type InputOf } from '@gatehouse/contracts';
import { CsrfProtection, Endpoint, Input, type Page, type Redirect } from '@gatehouse/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Browser } from '../protocol/browser.ts';
import { NextPages } from '../protocol/next-page.ts';
import { EnterUserCode } from './enter-user-code.ts';
import { userCodePage } from './user-code-page.ts';

const FORM = 'user-code';

@Controller()
export class EnterUserCodeController {
  constructor(
    private readonly enterUserCode: EnterUserCode,
    private readonly browser: Browser,
    private readonly csrf: CsrfProtection,
    private readonly pages: NextPages,
  ) {}

  @Endpoint(showUserCodeForm)
  show(
    @Input() { query }: InputOf<typeof showUserCodeForm>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Page {
    return userCodePage(this.csrf.issue(request, reply, FORM), query.user_code);
  }

  @Endpoint(enterUserCode)
  async submit(
    @Input() { form }: InputOf<typeof enterUserCode>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page | Redirect> {
    this.csrf.verify(request, FORM, form.csrf_token);
    const next = await this.enterUserCode.run({
      typed: form.user_code ?? '',
      ip: request.ip,
      browserHash: this.browser.recognise(request, reply),
      sessionHash: this.browser.sessionHash(request),
    });
    if (next) return this.pages.show(next);
    return userCodePage(this.csrf.issue(request, reply, FORM), form.user_code, true);
  }
}
