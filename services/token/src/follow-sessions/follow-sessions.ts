import { Controller } from '@nestjs/common';
import { sessionChanged } from '@gatehouse/contracts';
import { Follows, type MessageOf } from '@gatehouse/messaging';
import { Sessions } from '../store/sessions.ts';

/** Every instance forgets a session as soon as another one has ended it or given it another cookie. */
@Controller()
export class FollowSessions {
  constructor(private readonly sessions: Sessions) {}

  @Follows(sessionChanged)
  changed({ data }: MessageOf<typeof sessionChanged>): void {
    this.sessions.forget(data.session_id);
  }
}
