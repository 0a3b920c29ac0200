import { Controller } from '@nestjs/common';
import {
  clientChanged,
  clientDisabled,
  clientEnabled,
  clientRemoved,
  clientSecretAdded,
  clientSecretRemoved,
} from '@gatehouse/contracts';
import { Follows, type MessageOf } from '@gatehouse/messaging';
import { Clients } from '../store/clients.ts';

/** Every instance forgets a client as soon as another one has changed it. */
@Controller()
export class FollowClients {
  constructor(private readonly clients: Clients) {}

  @Follows(clientChanged)
  changed({ data }: MessageOf<typeof clientChanged>): void {
    this.clients.forget(data.client_id);
  }

  @Follows(clientDisabled)
  disabled({ data }: MessageOf<typeof clientDisabled>): void {
    this.clients.forget(data.client_id);
  }

  @Follows(clientEnabled)
  enabled({ data }: MessageOf<typeof clientEnabled>): void {
    this.clients.forget(data.client_id);
  }

  @Follows(clientRemoved)
  removed({ data }: MessageOf<typeof clientRemoved>): void {
    this.clients.forget(data.client_id);
  }

  @Follows(clientSecretAdded)
  secretAdded({ data }: MessageOf<typeof clientSecretAdded>): void {
    this.clients.forget(data.client_id);
  }

  @Follows(clientSecretRemoved)
  secretRemoved({ data }: MessageOf<typeof clientSecretRemoved>): void {
    this.clients.forget(data.client_id);
  }
}
