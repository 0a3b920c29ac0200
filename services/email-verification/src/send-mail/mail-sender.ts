import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { gauge, log } from '@gatehouse/telemetry';
import { SendSignal } from '../send-signal.ts';
import { SendQueue } from '../store/send-queue.ts';
import { MailServer } from './mail-server.ts';
import { Mailer } from './mailer.ts';
import { SendMail } from './send-mail.ts';

/** How many messages one process sends at a time. */
export abstract class SendCapacity {
  abstract readonly concurrency: number;
}

/** Messages become due by time too, and other replicas queue some. */
const POLL_MS = 1_000;
/** What a lease lasts beyond the SMTP deadline: the time to record what came of it. */
const LEASE_MARGIN_MS = 15_000;

/**
 * Takes due messages from the queue, as many as it may send at a time, for as long as the process runs. Any number of
 * replicas share the queue: a message is held by one of them.
 */
@Injectable()
export class MailSender implements OnApplicationBootstrap {
  readonly #sending = new Set<Promise<void>>();
  /** The loop outlives the message that woke it, so it must not run in that message's trace. */
  readonly #outsideOfMessages = AsyncLocalStorage.snapshot();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #signalled = false;

  constructor(
    private readonly queue: SendQueue,
    private readonly sendMail: SendMail,
    private readonly server: MailServer,
    private readonly mailer: Mailer,
    private readonly capacity: SendCapacity,
    private readonly signal: SendSignal,
    private readonly shutdown: Shutdown,
    private readonly health: Health,
  ) {}

  onApplicationBootstrap(): void {
    this.shutdown.on('consumers', 'mail sender', () => this.#stop());
    this.health.add({ name: 'smtp', exercise: () => this.mailer.greet() });
    this.#exposeBacklog();
    this.signal.listen(() => this.#wake());
    this.#wake();
  }

  /** Starts a round, or has the running one followed by another. */
  #wake(): void {
    this.#signalled = true;
    this.#round ??= this.#outsideOfMessages(() => this.#rounds()).finally(() => {
      this.#round = undefined;
      if (this.#signalled && !this.shutdown.stopping) this.#wake();
    });
  }

  async #rounds(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#signalled && !this.shutdown.stopping) {
      this.#signalled = false;
      try {
        await this.#takeAndSend();
      } catch (error) {
        log('mail').warn({ err: error }, 'send_queue_unavailable');
      }
    }
    if (!this.shutdown.stopping) this.#timer = setTimeout(() => this.#wake(), POLL_MS);
  }

  async #takeAndSend(): Promise<void> {
    const free = this.capacity.concurrency - this.#sending.size;
    if (free <= 0 || !(await this.server.available())) return;
    const messages = await this.queue.take(free, this.mailer.deadlineMs + LEASE_MARGIN_MS);
    for (const message of messages) {
      const sending = this.sendMail
        .run(message)
        .catch((error: unknown) => log('mail').error({ err: error, message_id: message.id }, 'mail_not_recorded'))
        .finally(() => {
          this.#sending.delete(sending);
          this.#wake();
        });
      this.#sending.add(sending);
    }
  }

  /** A database that is away must not take the other metrics along. */
  #exposeBacklog(): void {
    const overdue = gauge({
      name: 'mail_queue_overdue_seconds',
      help: 'How long the mail has waited that is due the longest.',
    });
    gauge({
      name: 'mail_queue_messages',
      help: 'Mails that wait to be sent.',
      collect: async (queued) => {
        const backlog = await this.queue.backlog().catch(() => null);
        if (!backlog) return;
        queued.set(backlog.queued);
        overdue.set(backlog.overdueSeconds);
      },
    });
  }

  /** Lets the running dialogues end; nothing new is taken. */
  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#round;
    await Promise.all(this.#sending);
    this.mailer.close();
  }
}
