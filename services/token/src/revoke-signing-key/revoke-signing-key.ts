import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/database';
import { KeyRotation } from '../protocol/key-rotation.ts';
import { Revoker } from '../protocol/revoker.ts';
import { SIGNING_KEYS } from '../store/signing-keys.ts';

/** For an emergency: ends a signing key, and every token of it. */
@Injectable()
export class RevokeSigningKey {
  constructor(
    private readonly rotation: KeyRotation,
    private readonly revoker: Revoker,
    private readonly database: Database,
  ) {}

  /**
   * Idempotent. Another key of the algorithm signs when it resolves; every service refuses tokens of this one within a
   * second from then on. Throws `not-found`.
   */
  async run(kid: string): Promise<void> {
    await this.database.change([SIGNING_KEYS, `key:${kid}`], async (tx) => {
      const revocation = await this.rotation.revoke(tx, kid);
      if (revocation) await this.revoker.revoke(tx, revocation);
    });
  }
}
