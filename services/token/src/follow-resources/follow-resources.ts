import { Controller } from '@nestjs/common';
import { resourceAdded, resourceChanged, resourceRemoved } from '@gatehouse/contracts';
import { Follows } from '@gatehouse/messaging';
import { KnownResources } from '../protocol/known-resources.ts';

/** Every instance reads the resources again as soon as another one has changed one. */
@Controller()
export class FollowResources {
  constructor(private readonly known: KnownResources) {}

  @Follows(resourceAdded)
  added(): void {
    this.known.forget();
  }

  @Follows(resourceChanged)
  changed(): void {
    this.known.forget();
  }

  @Follows(resourceRemoved)
  removed(): void {
    this.known.forget();
  }
}
