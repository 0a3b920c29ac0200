import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@gatehouse/database';
import { Relays } from '@gatehouse/messaging';
import { EntrySource } from './entry-source.ts';

/** Publishes every entry on `audit.entries`, in the order of its log, at least once. */
@Injectable()
export class EntryPublication implements OnApplicationBootstrap {
  #wake: () => void = () => undefined;

  constructor(
    private readonly relays: Relays,
    private readonly database: Database,
  ) {}

  onApplicationBootstrap(): void {
    this.#wake = this.relays.add(new EntrySource(this.database)).wake;
  }

  /** Entries were committed. */
  wake(): void {
    this.#wake();
  }
}
