import { Controller, Req, Res } from '@nestjs/common';
import { authorize, authorizeByForm, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input, Redirect, RepeatedParameters, type Page } from '@gatehouse/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TokenSettings } from '../config.ts';
import { Browser } from '../protocol/browser.ts';
import { NextPages } from '../protocol/next-page.ts';
import { Authorize } from './authorize.ts';

@Controller()
export class AuthorizeController {
  constructor(
    private readonly authorize: Authorize,
    private readonly browser: Browser,
    private readonly pages: NextPages,
    private readonly settings: TokenSettings,
  ) {}

  @Endpoint(authorize)
  async handle(
    @Input() { query }: InputOf<typeof authorize>,
    @RepeatedParameters() repeated: readonly string[],
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Redirect | Page> {
    if (repeated.length > 0) return this.pages.show(await this.authorize.refuseRepeated(query, repeated));
    let browserHash: Buffer | undefined;
    const next = await this.authorize.run(query, {
      sessionHash: this.browser.sessionHash(request),
      recognise: () => (browserHash ??= this.browser.recognise(request, reply)),
    });
    return this.pages.show(next);
  }

  /** A POST from the client's site comes without cookies (SameSite=Lax); the GET that follows has them. */
  @Endpoint(authorizeByForm)
  async handleForm(
    @Input() { form }: InputOf<typeof authorizeByForm>,
    @RepeatedParameters() repeated: readonly string[],
  ): Promise<Redirect | Page> {
    if (repeated.length > 0) return this.pages.show(await this.authorize.refuseRepeated(form, repeated));
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(form)) for (const one of [value].flat()) query.append(name, one);
    return new Redirect(`${this.settings.issuer}/oauth/authorize?${query.toString()}`);
  }
}
