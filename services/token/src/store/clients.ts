import type { Client } from '../domain/client.ts';

/** Registered OAuth clients. */
export abstract class Clients {
  /** As it was half a minute ago at most; undefined where nothing is remembered, which says nothing. No I/O. */
  abstract remembered(id: string): Client | undefined;
  /** As it is now; null where there is none. */
  abstract find(id: string): Promise<Client | null>;
}
