import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { SpanKind, type Span } from '@opentelemetry/api';
import { mailFailed, mailSent, type DataOf } from '@gatehouse/contracts';
import { Database, isDependencyFailure, type Tx } from '@gatehouse/database';
import { Shutdown } from '@gatehouse/lifecycle';
import { killPoint, Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { counter, extractTraceparent, log, recordFailure, withSpan } from '@gatehouse/telemetry';
import { CredentialKey } from '../domain/credentials.ts';
import { judge, pauseMs, type Backoff, type DeliveryFailure } from '../domain/delivery.ts';
import { flows, renderMail } from '../flows.ts';
import { SendQueue, type DueMessage } from '../store/send-queue.ts';
import { MailServer } from './mail-server.ts';
import { DeliveryFailed, Mailer } from './mailer.ts';

/** How mails are made and tried again. */
export abstract class SendPolicy {
  /** Base URL of the links in mails. */
  abstract readonly publicUrl: string;
  abstract readonly backoff: Backoff;
}

const RECORD_AGAIN_MS = 500;
const NO_ANSWER: DeliveryFailure = { command: undefined, reply: undefined };

const outcomes = counter({
  name: 'mail_attempts_total',
  help: 'Attempts to send a mail, by what came of them.',
  labels: ['outcome'],
});

/** One attempt to send one message, and the record of what came of it. No transaction is open while the server talks. */
@Injectable()
export class SendMail {
  constructor(
    private readonly queue: SendQueue,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly credentialKey: CredentialKey,
    private readonly mailer: Mailer,
    private readonly server: MailServer,
    private readonly policy: SendPolicy,
    private readonly shutdown: Shutdown,
  ) {}

  /** The caller holds the message's lease. Rejects only where the database is away: then the lease runs out. */
  async run(message: DueMessage): Promise<void> {
    const options = {
      kind: SpanKind.CLIENT,
      parent: extractTraceparent(message.traceparent ? { traceparent: message.traceparent } : {}),
      attributes: { 'gatehouse.message_id': message.id, 'gatehouse.attempt': message.attempt },
    };
    await withSpan('send mail', options, async (span) => {
      if (message.expired) return this.#fail(message, 'expired', message.lastReply);
      try {
        await this.mailer.send(this.#compose(message));
      } catch (error) {
        return this.#notTaken(message, error, span);
      }
      killPoint('after-smtp-data-before-record');
      await this.#untilRecorded(() => this.#sent(message));
    });
  }

  #compose(message: DueMessage) {
    const credentials = this.credentialKey.derive(message.id);
    const content = renderMail({ ...message, credentials, publicUrl: this.policy.publicUrl });
    return { ...content, id: message.id, to: message.email };
  }

  async #notTaken(message: DueMessage, error: unknown, span: Span): Promise<void> {
    recordFailure(span, error);
    const line = { message_id: message.id, attempt: message.attempt };
    if (error instanceof DeliveryFailed) log('mail').warn({ ...line, reason: error.message }, 'mail_not_taken');
    else log('mail').error({ ...line, err: error }, 'mail_not_made');
    const failure = error instanceof DeliveryFailed ? error.failure : NO_ANSWER;
    const reply = failure.reply ?? null;
    const verdict = judge(failure);
    if (verdict === 'permanent') return this.#fail(message, 'refused', reply);
    if (verdict === 'unclear' && !(await this.server.ask())) {
      outcomes.inc({ outcome: 'server_away' });
      return this.queue.postpone(message, { pauseMs: 0, reply: null, countsAsFailure: false });
    }
    outcomes.inc({ outcome: 'temporary' });
    const pause = pauseMs(message.failures + 1, this.policy.backoff, Math.random());
    return this.queue.postpone(message, { pauseMs: pause, reply, countsAsFailure: true });
  }

  async #sent(message: DueMessage): Promise<void> {
    await this.#record(message, async (tx) => {
      if (!(await this.queue.recordSent(tx, message, flows[message.purpose].lifetimeSeconds))) return;
      await this.outbox.append(tx, mailSent, { ...idsOf(message), attempts: message.attempt });
    });
    outcomes.inc({ outcome: 'sent' });
  }

  async #fail(message: DueMessage, reason: DataOf<typeof mailFailed>['reason'], reply: number | null): Promise<void> {
    await this.#record(message, async (tx) => {
      if (!(await this.queue.recordFailed(tx, message, reply))) return;
      await this.outbox.append(tx, mailFailed, { ...idsOf(message), attempts: message.attempt, reason, reply });
    });
    outcomes.inc({ outcome: reason });
  }

  #record(message: DueMessage, work: (tx: Tx) => Promise<void>): Promise<void> {
    return this.database.change([message.accountId], work);
  }

  /** What the server took must not be forgotten, else it is sent again: held in memory until it can be recorded. */
  async #untilRecorded(record: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await record();
      } catch (error) {
        if (!isPassing(error) || this.shutdown.stopping) throw error;
        await delay(RECORD_AGAIN_MS);
      }
    }
  }
}

/** The database is away, or too many events wait for Kafka. */
function isPassing(error: unknown): boolean {
  return isDependencyFailure(error) || (error instanceof Problem && error.code === 'event-backlog-full');
}

function idsOf(message: DueMessage) {
  return {
    message_id: message.id,
    flow_id: message.flowId,
    account_id: message.accountId,
    address_id: message.addressId,
  };
}
