import { Controller } from '@nestjs/common';
import { revokeSigningKey, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { KeyRing } from '../protocol/key-ring.ts';
import { RevokeSigningKey } from './revoke-signing-key.ts';

@Controller()
export class RevokeSigningKeyController {
  constructor(
    private readonly revokeKey: RevokeSigningKey,
    private readonly keys: KeyRing,
  ) {}

  @Endpoint(revokeSigningKey)
  async handle(@Input() { path }: InputOf<typeof revokeSigningKey>): Promise<void> {
    await this.revokeKey.run(path.kid);
    await this.keys.reload();
  }
}
