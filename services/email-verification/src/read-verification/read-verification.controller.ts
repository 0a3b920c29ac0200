import { Controller } from '@nestjs/common';
import { readVerification, type InputOf, type VerificationState } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { stateOf } from '../domain/verification-state.ts';
import { Verifications } from '../store/verifications.ts';

@Controller()
export class ReadVerificationController {
  constructor(private readonly verifications: Verifications) {}

  @Endpoint(readVerification)
  async handle(@Input() { path }: InputOf<typeof readVerification>): Promise<{ state: VerificationState }> {
    const flow = await this.verifications.find(path.flow_id);
    return { state: flow ? stateOf(flow) : 'pending' };
  }
}
