import type { Client } from '../domain/client.ts';

/** How long an instance may remember a client that it hears nothing of. */
export const CLIENT_KEPT_MS = 30_000;

/** Registered OAuth clients. */
export abstract class Clients {
  /** As it was half a minute ago at most, and a second ago while changes are heard of; undefined where nothing is remembered, which says nothing. No I/O. */
  abstract remembered(id: string): Client | undefined;
  /** Forgets what is remembered of it, so that the next question is answered by the database. */
  abstract forget(id: string): void;
  /** As it is now; null where there is none, or where it is disabled. */
  abstract find(id: string): Promise<Client | null>;
}
