import { Injectable } from '@nestjs/common';
import { RevocationSource, type RevocationPage } from '@gatehouse/authn';
import { Clock } from '../clock.ts';
import { Revocations } from '../store/revocations.ts';

/** Revocations as the own database has them: for the guards of other services, and for the own one. */
@Injectable()
export class OwnRevocations extends RevocationSource {
  constructor(
    private readonly revocations: Revocations,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Numbers without a live revocation are passed over, so a list that is not full reaches up to the head. */
  async since(after: number, limit: number): Promise<RevocationPage> {
    const { head, revocations } = await this.revocations.since(after, limit, this.clock.now());
    const last = revocations.length === limit ? revocations.at(-1) : undefined;
    return { head, complete_through: last?.number ?? head, revocations };
  }
}
