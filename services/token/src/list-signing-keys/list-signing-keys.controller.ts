import { Controller } from '@nestjs/common';
import { listSigningKeys, type OutputOf } from '@gatehouse/contracts';
import { Endpoint } from '@gatehouse/http';
import { Clock } from '../clock.ts';
import { stateOf } from '../domain/key-lifecycle.ts';
import { SigningKeys } from '../store/signing-keys.ts';

const KEYS_SHOWN = 200;

@Controller()
export class ListSigningKeysController {
  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
  ) {}

  @Endpoint(listSigningKeys)
  async handle(): Promise<OutputOf<typeof listSigningKeys>> {
    const now = this.clock.now();
    const keys = await this.keys.latest(KEYS_SHOWN);
    return {
      items: keys.map((key) => ({
        kid: key.kid,
        algorithm: key.algorithm,
        state: stateOf(key, keys, now),
        published_at: key.publishedAt.toISOString(),
        active_from: key.activeFrom.toISOString(),
        retiring_from: key.retiringFrom?.toISOString() ?? null,
        gone_at: key.goneAt?.toISOString() ?? null,
        revoked_at: key.revokedAt?.toISOString() ?? null,
      })),
    };
  }
}
