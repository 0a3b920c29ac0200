import { Injectable } from '@nestjs/common';
import { SpanKind, type Span } from '@opentelemetry/api';
import { backchannelLogoutDelivered, backchannelLogoutFailed, type DataOf } from '@gatehouse/contracts';
import { Database, uuidv7 } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { OutboundClient, OutboundFailed, OutboundRefused } from '@gatehouse/outbound';
import { counter, extractTraceparent, log, recordFailure, withSpan } from '@gatehouse/telemetry';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import type { Client } from '../domain/client.ts';
import { LOGOUT_ATTEMPTS_MAX, logoutPauseMs, logoutTokenClaims, tookLogout } from '../domain/logout-token.ts';
import { KeyRing } from '../protocol/key-ring.ts';
import { SubjectIdentifiers } from '../protocol/subject-identifiers.ts';
import { Clients } from '../store/clients.ts';
import { LogoutDeliveries, type DueLogout } from '../store/logout-deliveries.ts';

/** From the connection to the last byte of the answer. */
export const LOGOUT_TIMEOUT_MS = 5_000;
/** The body of an answer says nothing that counts. */
const ANSWER_BYTES_MAX = 16_384;

type Failure = Pick<DataOf<typeof backchannelLogoutFailed>, 'reason' | 'status'> & { readonly cause?: Error };

const outcomes = counter({
  name: 'logout_attempts_total',
  help: 'Attempts to tell a client of a logout, by what came of them.',
  labels: ['outcome'],
});

/** One attempt to tell one client of a logout, and the record of what came of it (OIDC Back-Channel Logout 2.5). */
@Injectable()
export class DeliverLogout {
  constructor(
    private readonly deliveries: LogoutDeliveries,
    private readonly clients: Clients,
    private readonly outbound: OutboundClient,
    private readonly keys: KeyRing,
    private readonly subjects: SubjectIdentifiers,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /** The caller holds the lease. Rejects only where the outcome cannot be recorded: then the lease runs out. */
  async run(due: DueLogout): Promise<void> {
    const options = {
      kind: SpanKind.CLIENT,
      parent: extractTraceparent(due.traceparent ? { traceparent: due.traceparent } : {}),
      attributes: { 'gatehouse.delivery_id': due.id, 'gatehouse.attempt': due.attempt },
    };
    await withSpan('deliver logout', options, async (span) => {
      const failure = await this.attempt(due);
      if (failure === null) return this.succeed(due);
      return this.notTaken(due, failure, span);
    });
  }

  /** The client as it is now: since the session ended it may have got another address, or none. */
  private async attempt(due: DueLogout): Promise<Failure | null> {
    const client = await this.clients.find(due.clientId);
    const uri = client?.metadata.backchannel_logout_uri;
    if (!client || uri === undefined) return { reason: 'unregistered', status: null };
    try {
      const limits = { timeoutMs: LOGOUT_TIMEOUT_MS, maxBytes: ANSWER_BYTES_MAX };
      const { status } = await this.outbound.postForm(uri, { logout_token: this.sign(due, client) }, limits);
      return tookLogout(status) ? null : { reason: 'refused', status };
    } catch (cause) {
      if (cause instanceof OutboundRefused) return { reason: 'forbidden', status: null, cause };
      if (cause instanceof OutboundFailed) return { reason: 'unreachable', status: null, cause };
      throw cause;
    }
  }

  /** Anew for every attempt: an old token has expired, or its jti may be known to the client (2.6). */
  private sign({ accountId, sessionId }: DueLogout, client: Client): string {
    const issued = { issuer: this.settings.issuer, jti: uuidv7(), now: this.clock.now() };
    const ended = { subject: this.subjects.of(accountId, client), clientId: client.id, sessionId };
    return this.keys.sign('logout+jwt', logoutTokenClaims(ended, issued), client.metadata.id_token_signed_response_alg);
  }

  private async notTaken(due: DueLogout, failure: Failure, span: Span): Promise<void> {
    const { reason, status, cause } = failure;
    recordFailure(span, cause ?? new Error(`the client did not take the logout: ${reason}`));
    const about = { delivery_id: due.id, client_id: due.clientId, attempt: due.attempt, reason, status };
    log('logout').warn({ err: cause, ...about }, 'logout_not_taken');
    const pointless = reason === 'unregistered' || reason === 'forbidden';
    if (pointless || due.attempt >= LOGOUT_ATTEMPTS_MAX) return this.fail(due, failure);
    outcomes.inc({ outcome: 'postponed' });
    return this.deliveries.postpone(due, logoutPauseMs(due.attempt, Math.random()), status);
  }

  private async succeed(due: DueLogout): Promise<void> {
    await this.database.withTransaction(async (tx) => {
      if (!(await this.deliveries.recordDelivered(tx, due))) return;
      await this.outbox.recordIn(tx, backchannelLogoutDelivered, idsOf(due));
    });
    outcomes.inc({ outcome: 'delivered' });
  }

  private async fail(due: DueLogout, { reason, status }: Failure): Promise<void> {
    await this.database.withTransaction(async (tx) => {
      if (!(await this.deliveries.recordFailed(tx, due, status))) return;
      await this.outbox.recordIn(tx, backchannelLogoutFailed, { ...idsOf(due), reason, status });
    });
    outcomes.inc({ outcome: 'failed' });
  }
}

function idsOf({ id, accountId, sessionId, clientId, attempt }: DueLogout) {
  return { delivery_id: id, account_id: accountId, session_id: sessionId, client_id: clientId, attempts: attempt };
}
