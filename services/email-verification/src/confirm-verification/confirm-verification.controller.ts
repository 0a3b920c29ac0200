import { Controller } from '@nestjs/common';
import { confirmVerification, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { ConfirmVerification } from './confirm-verification.ts';

@Controller()
export class ConfirmVerificationController {
  constructor(private readonly confirmVerification: ConfirmVerification) {}

  @Endpoint(confirmVerification)
  async handle(@Input() { path, json }: InputOf<typeof confirmVerification>): Promise<{ state: 'confirmed' }> {
    const { code, token } = json;
    const credential = code === undefined ? { token: token ?? '' } : { code };
    const state = await this.confirmVerification.run(path.flow_id, credential);
    if (state !== 'confirmed') throw new Problem(`verification-${state}`);
    return { state };
  }
}
