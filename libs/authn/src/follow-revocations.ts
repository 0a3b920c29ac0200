import { Controller } from '@nestjs/common';
import { tokenRevoked } from '@gatehouse/contracts';
import { Follows, FollowsDeletion } from '@gatehouse/messaging';
import type { MessageOf } from '@gatehouse/messaging';
import { RevocationList } from './revocation-list.ts';

/** Every instance reads all revocations from the beginning, before it is ready, and goes on as they come. */
@Controller()
export class FollowRevocations {
  constructor(private readonly revocations: RevocationList) {}

  @Follows(tokenRevoked)
  apply({ data }: MessageOf<typeof tokenRevoked>): void {
    this.revocations.add(data);
  }

  @FollowsDeletion(tokenRevoked)
  forget(key: string): void {
    this.revocations.forget(key);
  }
}
