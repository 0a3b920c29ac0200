import type { Tx } from '@gatehouse/database';
import type { ListPage, PageRequest } from '@gatehouse/http';
import type { Resource } from '../domain/resource.ts';

export interface ResourceRecord extends Resource {
  /** Raised by every change. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Services that tokens can be issued for, as they are stored: all but the issuer itself. */
export abstract class ResourceRecords {
  abstract all(tx?: Tx): Promise<ResourceRecord[]>;
  /** In the transaction, where one is given, which has to hold the lock of the name. */
  abstract find(name: string, tx?: Tx): Promise<ResourceRecord | undefined>;
  /** In the order of their names. */
  abstract list(page: PageRequest): Promise<ListPage<ResourceRecord>>;
  /** Throws `already-exists` where another one has the name or the URL; so does `save` for the URL. */
  abstract add(tx: Tx, resource: Resource): Promise<ResourceRecord>;
  abstract save(tx: Tx, resource: Resource): Promise<ResourceRecord>;
  abstract remove(tx: Tx, name: string): Promise<void>;
}
