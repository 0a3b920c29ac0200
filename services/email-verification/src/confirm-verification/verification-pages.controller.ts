import { Controller } from '@nestjs/common';
import {
  confirmByCode,
  confirmByLink,
  showCodePage,
  showLinkPage,
  verificationCode,
  type InputOf,
} from '@gatehouse/contracts';
import { Endpoint, Input, type Page } from '@gatehouse/http';
import { stateOf } from '../domain/verification-state.ts';
import { Verifications } from '../store/verifications.ts';
import { codePage, linkPage } from '../verification-pages.ts';
import { ConfirmVerification } from './confirm-verification.ts';

/** The pages that a person meets: behind the link of the mail, and where the code is typed. They need no script. */
@Controller()
export class VerificationPagesController {
  constructor(
    private readonly confirmVerification: ConfirmVerification,
    private readonly verifications: Verifications,
  ) {}

  @Endpoint(showLinkPage)
  async showLink(@Input() { path }: InputOf<typeof showLinkPage>): Promise<Page> {
    const flow = await this.verifications.find(path.flow_id);
    return linkPage(flow && stateOf(flow) !== 'locked' ? stateOf(flow) : 'pending');
  }

  @Endpoint(confirmByLink)
  async confirmLink(@Input() { path }: InputOf<typeof confirmByLink>): Promise<Page> {
    return linkPage(await this.confirmVerification.run(path.flow_id, { token: path.token }));
  }

  @Endpoint(showCodePage)
  async showCode(@Input() { path }: InputOf<typeof showCodePage>): Promise<Page> {
    const flow = await this.verifications.find(path.flow_id);
    return codePage(path.flow_id, flow ? stateOf(flow) : 'pending');
  }

  @Endpoint(confirmByCode)
  async confirmCode(@Input() { path, form }: InputOf<typeof confirmByCode>): Promise<Page> {
    const code = verificationCode.safeParse(form.code);
    if (!code.success) return codePage(path.flow_id, 'malformed');
    return codePage(path.flow_id, await this.confirmVerification.run(path.flow_id, { code: code.data }));
  }
}
