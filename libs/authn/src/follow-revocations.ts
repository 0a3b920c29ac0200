import { Controller } from '@nestjs/common';
import { tokenRevoked } from '@gatehouse/contracts';
import { Follows } from '@gatehouse/messaging';
import type { MessageOf } from '@gatehouse/messaging';
import { RevocationFreshness } from './revocation-freshness.ts';
import { RevocationList } from './revocation-list.ts';

/** Every instance reads all revocations from the beginning, before it is ready, and goes on as they come. */
@Controller()
export class FollowRevocations {
  constructor(
    private readonly revocations: RevocationList,
    private readonly freshness: RevocationFreshness,
  ) {}

  @Follows(tokenRevoked)
  apply({ data }: MessageOf<typeof tokenRevoked>): void {
    this.revocations.add(data);
    if (data.number !== undefined) this.freshness.applied(data.number);
  }
}
