import { Problem } from '@gatehouse/problem';
import type { Backlog } from '../relay/relay-source.ts';

export interface BacklogLimits {
  readonly maxRows: number;
  readonly maxAgeSeconds: number;
}

/** After this long a caller may try again; the backlog is measured once a second. */
const RETRY_AFTER_SECONDS = 5;

/** Whether the outbox may grow. Kafka being away is no reason to refuse changes until the backlog reaches a limit. */
export class BacklogLimit {
  readonly #limits: BacklogLimits;
  #reason: string | undefined;

  constructor(limits: BacklogLimits) {
    this.#limits = limits;
  }

  /** Takes the latest measurement. */
  measured({ rows, oldestAgeSeconds }: Backlog): void {
    const { maxRows, maxAgeSeconds } = this.#limits;
    if (rows >= maxRows) this.#reason = `${rows} events wait for Kafka, the limit is ${maxRows}`;
    else if (oldestAgeSeconds >= maxAgeSeconds) {
      this.#reason = `the oldest event has waited ${Math.round(oldestAgeSeconds)} s, the limit is ${maxAgeSeconds} s`;
    } else this.#reason = undefined;
  }

  /** Why the outbox takes nothing at present. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Throws the problem `event-backlog-full`, with Retry-After, while the backlog is at its limit. */
  check(): void {
    if (this.#reason === undefined) return;
    throw new Problem('event-backlog-full', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: new Error(this.#reason),
    });
  }
}
