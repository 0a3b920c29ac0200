import type { ClientMetadata } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';

/** Clients that are known by the metadata document at their id alone, beside what they are as clients. */
export abstract class ClientDocuments {
  /** Undefined where there is none; one that was registered has no document. */
  abstract find(id: string): Promise<{ readonly metadata: ClientMetadata; readonly readAt: Date } | undefined>;
  /** Remembers when the document was read. */
  abstract touch(tx: Tx, id: string, now: Date): Promise<void>;
  /** Ids of those whose document was last read before, and who hold nothing: no grant, no consent. */
  abstract unused(before: Date, limit: number): Promise<string[]>;
  /** Whether it is one of these, under its lock. */
  abstract isUnused(tx: Tx, id: string, before: Date): Promise<boolean>;
}
