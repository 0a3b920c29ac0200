import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Shutdown } from '@gatehouse/lifecycle';
import { gauge, log } from '@gatehouse/telemetry';
import { LogoutSignal } from '../protocol/logout-signal.ts';
import { LogoutDeliveries, type DueLogout } from '../store/logout-deliveries.ts';
import { DeliverLogout, LOGOUT_TIMEOUT_MS } from './deliver-logout.ts';

/** Notices that one process sends at a time. */
const CONCURRENCY = 40;
/** Of them to one client: one that hangs holds up itself and nobody else. */
const CONCURRENCY_PER_CLIENT = 4;
/** Notices become due by time too, and other instances queue some. */
const POLL_MS = 1_000;
/** What a lease lasts beyond the deadline of an attempt: the time to record what came of it. */
const LEASE_MS = LOGOUT_TIMEOUT_MS + 15_000;

/** Takes due notices from the queue for as long as the process runs. Any number of instances share it. */
@Injectable()
export class LogoutSender implements OnApplicationBootstrap {
  private readonly sending = new Map<Promise<void>, DueLogout>();
  /** The loop outlives the request that woke it, so it must not run in that request's trace. */
  private readonly outsideOfRequests = AsyncLocalStorage.snapshot();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;
  private signalled = false;

  constructor(
    private readonly deliveries: LogoutDeliveries,
    private readonly deliverLogout: DeliverLogout,
    private readonly signal: LogoutSignal,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    this.shutdown.on('consumers', 'logout sender', () => this.stop());
    this.exposeBacklog();
    this.signal.listen(() => this.wake());
    this.wake();
  }

  /** Starts a round, or has the running one followed by another. */
  private wake(): void {
    this.signalled = true;
    if (this.shutdown.stopping) return;
    this.round ??= this.outsideOfRequests(() => this.rounds()).finally(() => {
      this.round = undefined;
      if (this.signalled) this.wake();
    });
  }

  private async rounds(): Promise<void> {
    clearTimeout(this.timer);
    while (this.signalled && !this.shutdown.stopping) {
      this.signalled = false;
      try {
        // What was taken makes its clients busy, so there may be others behind it.
        if (await this.takeAndSend()) this.signalled = true;
      } catch (error) {
        log('logout').warn({ err: error }, 'logout_queue_unavailable');
      }
    }
    if (!this.shutdown.stopping) this.timer = setTimeout(() => this.wake(), POLL_MS);
  }

  /** @returns whether any was taken */
  private async takeAndSend(): Promise<boolean> {
    const limit = CONCURRENCY - this.sending.size;
    if (limit <= 0) return false;
    const atMost = { limit, perClient: CONCURRENCY_PER_CLIENT, busyClients: this.busyClients(), leaseMs: LEASE_MS };
    const taken = await this.deliveries.take(atMost);
    for (const due of taken) {
      const sending = this.deliverLogout
        .run(due)
        .catch((error: unknown) => log('logout').error({ err: error, delivery_id: due.id }, 'logout_not_recorded'))
        .finally(() => {
          this.sending.delete(sending);
          this.wake();
        });
      this.sending.set(sending, due);
    }
    return taken.length > 0;
  }

  private busyClients(): string[] {
    return [...new Set([...this.sending.values()].map(({ clientId }) => clientId))];
  }

  /** A database that is away must not take the other metrics along. */
  private exposeBacklog(): void {
    const dead = gauge({
      name: 'logout_dead_letters',
      help: 'Notices of logouts that nobody tries to deliver any more.',
    });
    const overdue = gauge({
      name: 'logout_queue_overdue_seconds',
      help: 'How long the notice of a logout has waited that is due the longest.',
    });
    gauge({
      name: 'logout_queue_deliveries',
      help: 'Notices of logouts that wait to be delivered.',
      collect: async (queued) => {
        const backlog = await this.deliveries.backlog().catch(() => null);
        if (!backlog) return;
        queued.set(backlog.queued);
        dead.set(backlog.failed);
        overdue.set(backlog.overdueSeconds);
      },
    });
  }

  /** Lets the running attempts end; nothing new is taken. */
  private async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.round;
    await Promise.all(this.sending.keys());
  }
}
