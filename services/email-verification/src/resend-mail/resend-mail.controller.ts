import { Controller } from '@nestjs/common';
import { resendFromPage, resendMail, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input, type Page } from '@gatehouse/http';
import { resentPage } from '../verification-pages.ts';
import { ResendMail } from './resend-mail.ts';

@Controller()
export class ResendMailController {
  constructor(private readonly resendMail: ResendMail) {}

  @Endpoint(resendMail)
  async handle(@Input() { path }: InputOf<typeof resendMail>): Promise<{ status: 'accepted' }> {
    await this.resendMail.run(path.flow_id);
    return { status: 'accepted' };
  }

  @Endpoint(resendFromPage)
  async fromPage(@Input() { path }: InputOf<typeof resendFromPage>): Promise<Page> {
    await this.resendMail.run(path.flow_id);
    return resentPage(path.flow_id);
  }
}
