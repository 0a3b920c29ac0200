import { Injectable } from '@nestjs/common';
import type { MessageState } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { SendQueue, type DueMessage, type MessageFate, type NewMessage, type Postponement } from './send-queue.ts';

@Injectable()
export class PostgresSendQueue implements SendQueue {
  constructor(private readonly database: Database) {}

  async add(tx: Tx, { id, flowId, lifetimeSecondsMax, proofs, traceparent }: NewMessage): Promise<void> {
    await tx.query(
      `INSERT INTO message (id, flow_id, expires_at, traceparent)
       VALUES ($1, $2, now() + make_interval(secs => $3), $4)`,
      [id, flowId, lifetimeSecondsMax, traceparent],
    );
    if (!proofs) return;
    await tx.query('INSERT INTO challenge (message_id, flow_id, code_proof, link_proof) VALUES ($1, $2, $3, $4)', [
      id,
      flowId,
      proofs.code,
      proofs.link,
    ]);
  }

  /** The lease is the time of the next attempt, and its holder is known by the number of the attempt. */
  take(limit: number, leaseMs: number): Promise<DueMessage[]> {
    return this.database.query<DueMessage>(
      `WITH due AS (
         SELECT id FROM message WHERE state = 'queued' AND next_attempt_at <= now()
         ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED
       )
       UPDATE message m SET attempts = m.attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
       FROM due, verification_flow f WHERE m.id = due.id AND f.id = m.flow_id
       RETURNING m.id, m.flow_id AS "flowId", f.purpose, f.account_id AS "accountId", f.address_id AS "addressId",
         f.email, f.locale, m.traceparent, m.attempts AS attempt, m.failures, m.last_reply AS "lastReply",
         m.expires_at <= now() AS expired`,
      [limit, leaseMs / 1_000],
    );
  }

  async recordSent(tx: Tx, { id }: DueMessage, lifetimeSeconds: number): Promise<boolean> {
    const recorded = await tx.query(
      `UPDATE message SET state = 'sent', ended_at = now(),
         expires_at = least(expires_at, now() + make_interval(secs => $2))
       WHERE id = $1 AND state = 'queued' RETURNING id`,
      [id, lifetimeSeconds],
    );
    return recorded.length > 0;
  }

  async recordFailed(tx: Tx, { id, attempt }: DueMessage, reply: number | null): Promise<boolean> {
    const recorded = await tx.query(
      `UPDATE message SET state = 'failed', ended_at = now(), last_reply = $3
       WHERE id = $1 AND attempts = $2 AND state = 'queued' RETURNING id`,
      [id, attempt, reply],
    );
    return recorded.length > 0;
  }

  async postpone({ id, attempt }: DueMessage, { pauseMs, reply, countsAsFailure }: Postponement): Promise<void> {
    await this.database.query(
      `UPDATE message SET next_attempt_at = now() + make_interval(secs => $3),
         failures = failures + $4, last_reply = coalesce($5, last_reply)
       WHERE id = $1 AND attempts = $2 AND state = 'queued'`,
      [id, attempt, pauseMs / 1_000, countsAsFailure ? 1 : 0, reply],
    );
  }

  list({ state, before, limit }: { state?: MessageState; before?: string; limit: number }): Promise<MessageFate[]> {
    return this.database.query<MessageFate>(
      `SELECT m.id, m.flow_id AS "flowId", f.account_id AS "accountId", f.address_id AS "addressId", f.purpose, m.state,
         m.attempts, m.last_reply AS "lastReply", m.created_at AS "createdAt", m.next_attempt_at AS "nextAttemptAt",
         m.ended_at AS "endedAt"
       FROM message m JOIN verification_flow f ON f.id = m.flow_id
       WHERE ($1::text IS NULL OR m.state = $1) AND ($2::uuid IS NULL OR m.id < $2)
       ORDER BY m.id DESC LIMIT $3`,
      [state ?? null, before ?? null, limit],
    );
  }

  async backlog(): Promise<{ queued: number; overdueSeconds: number }> {
    const [backlog] = await this.database.query<{ queued: number; overdueSeconds: number }>(
      `SELECT count(*)::integer AS queued,
         greatest(coalesce(extract(epoch FROM now() - min(next_attempt_at)), 0), 0)::float8 AS "overdueSeconds"
       FROM message WHERE state = 'queued'`,
    );
    return backlog ?? { queued: 0, overdueSeconds: 0 };
  }
}
