import { Controller } from '@nestjs/common';
import { signingKeyActivated, signingKeyRevoked } from '@gatehouse/contracts';
import { Follows } from '@gatehouse/messaging';
import { KeyRing } from '../protocol/key-ring.ts';

/**
 * Every instance re-reads its keys as soon as an operator has replaced or revoked one. What is planned needs no event: it is
 * published long before.
 */
@Controller()
export class OnSigningKeyChanged {
  constructor(private readonly keys: KeyRing) {}

  @Follows(signingKeyActivated)
  activated(): Promise<void> {
    return this.keys.reload();
  }

  @Follows(signingKeyRevoked)
  revoked(): Promise<void> {
    return this.keys.reload();
  }
}
