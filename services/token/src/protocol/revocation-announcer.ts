import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { revocationChannel, RevocationHead } from '@gatehouse/authn';
import { Shutdown } from '@gatehouse/lifecycle';
import { counter, log } from '@gatehouse/telemetry';
import { TokenSettings } from '../config.ts';
import type { Revocation } from '../domain/revocation.ts';
import { Revocations } from '../store/revocations.ts';

const RENEW_EVERY_MS = 500;

const announced = counter({
  name: 'revocations_announced_total',
  help: 'Revocations by whether Redis took the announcement; Kafka carries them in any case.',
  labels: ['outcome'],
});

/**
 * The fast path of revocations over Redis `state`: each is announced after its commit, and the head is renewed all the
 * time from the database, so that guards can tell how old it is. What fails here costs speed: the outbox is the way that lasts.
 */
@Injectable()
export class RevocationAnnouncer implements OnApplicationBootstrap {
  private readonly channel: string;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly head: RevocationHead,
    private readonly revocations: Revocations,
    private readonly shutdown: Shutdown,
    settings: TokenSettings,
  ) {
    this.channel = revocationChannel(settings.issuer);
  }

  onApplicationBootstrap(): void {
    this.shutdown.on('consumers', 'head of revocations', () => {
      clearTimeout(this.timer);
      return this.running;
    });
    this.running = this.renew();
  }

  /** Not waited for: a revocation is acknowledged with its commit. */
  announce(revocation: Revocation & { number: number }): void {
    this.head.announce(this.channel, revocation).then(
      () => announced.inc({ outcome: 'announced' }),
      (error: unknown) => {
        announced.inc({ outcome: 'failed' });
        log('revocations').warn({ err: error }, 'revocation_not_announced');
      },
    );
  }

  private async renew(): Promise<void> {
    try {
      await this.head.renew(() => this.revocations.head());
    } catch (error) {
      log('revocations').debug({ err: error }, 'revocation_head_not_renewed');
    }
    if (this.shutdown.stopping) return;
    this.timer = setTimeout(() => {
      this.running = this.renew();
    }, RENEW_EVERY_MS);
  }
}
