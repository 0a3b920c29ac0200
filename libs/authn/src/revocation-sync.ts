import { liveRevocation } from '@gatehouse/contracts';
import { gauge, log } from '@gatehouse/telemetry';
import type { RevocationFreshness } from './revocation-freshness.ts';
import type { RevocationHead } from './revocation-head.ts';
import type { RevocationList } from './revocation-list.ts';
import type { RevocationSource } from './revocation-source.ts';

const ASK_EVERY_MS = 500;
const PAGE_SIZE = 10_000;

/**
 * Keeps a guard fresh: asks for the head twice a second, and fetches what is missing below it. Where Redis cannot tell the
 * head, the source is asked, which answers both at once.
 */
export class RevocationSync {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private failing = false;

  constructor(
    private readonly source: RevocationSource,
    private readonly head: Pick<RevocationHead, 'read'> | undefined,
    private readonly list: RevocationList,
    private readonly freshness: RevocationFreshness,
  ) {
    gauge({
      name: 'revocations_fresh',
      help: '1 while this instance knows every revocation of 5 s ago; at 0 it answers 503.',
      collect: (metric) => metric.set(freshness.isFresh ? 1 : 0),
    });
    gauge({
      name: 'revocations_live',
      help: 'Revocations that this instance holds in memory.',
      collect: (metric) => metric.set(list.size),
    });
  }

  start(): void {
    this.running = this.round();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** A message of the fast path; one that cannot be read is left to the slower ones. */
  hear(message: string): void {
    try {
      const revocation = liveRevocation.parse(JSON.parse(message));
      this.list.add(revocation);
      this.freshness.applied(revocation.number);
    } catch (error) {
      log('revocations').warn({ err: error }, 'revocation_announcement_unreadable');
    }
  }

  /** Asks for the head, and for what is missing below it. Throws `dependency-unavailable`. */
  async sync(): Promise<void> {
    const head = await this.head?.read().catch(() => undefined);
    if (head) {
      this.freshness.headWas(head.number, head.asOfMs);
      if (head.number <= this.freshness.completeThrough) return;
    }
    await this.fetchMissing();
  }

  private async fetchMissing(): Promise<void> {
    for (;;) {
      const after = this.freshness.completeThrough;
      const askedAtMs = performance.now();
      const page = await this.source.since(after, PAGE_SIZE);
      // The issuer's database was restored to an earlier state: its numbers will be used again.
      if (page.head < after) {
        this.freshness.forget();
        continue;
      }
      for (const revocation of page.revocations) this.list.add(revocation);
      this.freshness.appliedThrough(page.complete_through);
      if (page.complete_through < page.head) continue;
      this.freshness.headWas(page.head, askedAtMs);
      return;
    }
  }

  private async round(): Promise<void> {
    try {
      await this.sync();
      this.failing = false;
    } catch (error) {
      if (!this.failing) log('revocations').warn({ err: error }, 'revocations_not_synchronised');
      this.failing = true;
    }
    if (this.stopped) return;
    this.timer = setTimeout(() => this.start(), ASK_EVERY_MS);
  }
}
