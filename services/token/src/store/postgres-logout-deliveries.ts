import { Injectable } from '@nestjs/common';
import { Database, uuidv7, type Tx } from '@gatehouse/database';
import { pageOf, type ListPage, type PageRequest } from '@gatehouse/http';
import {
  LogoutDeliveries,
  type DueLogout,
  type EndedSession,
  type LogoutBacklog,
  type LogoutDelivery,
  type LogoutDeliveryFilter,
  type TakenAtMost,
} from './logout-deliveries.ts';

const DELIVERY = `id, client_id AS "clientId", account_id AS "accountId", session_id AS "sessionId", state, attempts,
  last_status AS "lastStatus", created_at AS "createdAt", next_attempt_at AS "nextAttemptAt", ended_at AS "endedAt"`;

@Injectable()
export class PostgresLogoutDeliveries implements LogoutDeliveries {
  constructor(private readonly database: Database) {}

  async addForSession(tx: Tx, { id, accountId, traceparent }: EndedSession): Promise<number> {
    const clients = await tx.query<{ id: string }>(
      `SELECT DISTINCT c.id FROM token_grant g JOIN client c ON c.id = g.client_id
       WHERE g.session_id = $1 AND c.disabled_at IS NULL AND c.metadata ? 'backchannel_logout_uri'`,
      [id],
    );
    if (clients.length === 0) return 0;
    await tx.query(
      `INSERT INTO logout_delivery (id, client_id, account_id, session_id, traceparent)
       SELECT delivery.id, delivery.client_id, $3, $4, $5
       FROM unnest($1::uuid[], $2::text[]) AS delivery (id, client_id)`,
      [clients.map(() => uuidv7()), clients.map((client) => client.id), accountId, id, traceparent],
    );
    return clients.length;
  }

  /**
   * The lease is the time of the next attempt, and its holder is known by the number of the attempt. Only the thousand that
   * have been due the longest are looked at: those of a client that has too many are out of the way once it is busy.
   */
  take({ limit, perClient, busyClients, leaseMs }: TakenAtMost): Promise<DueLogout[]> {
    return this.database.query<DueLogout>(
      `WITH oldest AS (
         SELECT id, client_id, next_attempt_at FROM logout_delivery
         WHERE state = 'queued' AND next_attempt_at <= now() AND client_id <> ALL ($3::text[])
         ORDER BY next_attempt_at LIMIT 1000
       ), placed AS (
         SELECT id, next_attempt_at, row_number() OVER (PARTITION BY client_id ORDER BY next_attempt_at, id) AS place FROM oldest
       ), due AS (
         SELECT d.id FROM logout_delivery d JOIN placed p ON p.id = d.id
         WHERE p.place <= $2 AND d.state = 'queued' AND d.next_attempt_at <= now()
         ORDER BY p.next_attempt_at LIMIT $1 FOR UPDATE OF d SKIP LOCKED
       )
       UPDATE logout_delivery d SET attempts = d.attempts + 1, next_attempt_at = now() + make_interval(secs => $4)
       FROM due WHERE d.id = due.id
       RETURNING d.id, d.client_id AS "clientId", d.account_id AS "accountId", d.session_id AS "sessionId",
         d.attempts AS attempt, d.traceparent`,
      [limit, perClient, busyClients, leaseMs / 1_000],
    );
  }

  async recordDelivered(tx: Tx, { id }: DueLogout): Promise<boolean> {
    const recorded = await tx.query(
      "UPDATE logout_delivery SET state = 'delivered', ended_at = now() WHERE id = $1 AND state = 'queued' RETURNING id",
      [id],
    );
    return recorded.length > 0;
  }

  async recordFailed(tx: Tx, { id, attempt }: DueLogout, status: number | null): Promise<boolean> {
    const recorded = await tx.query(
      `UPDATE logout_delivery SET state = 'failed', ended_at = now(), last_status = $3
       WHERE id = $1 AND attempts = $2 AND state = 'queued' RETURNING id`,
      [id, attempt, status],
    );
    return recorded.length > 0;
  }

  async postpone({ id, attempt }: DueLogout, pauseMs: number, status: number | null): Promise<void> {
    await this.database.query(
      `UPDATE logout_delivery SET next_attempt_at = now() + make_interval(secs => $3), last_status = $4
       WHERE id = $1 AND attempts = $2 AND state = 'queued'`,
      [id, attempt, pauseMs / 1_000, status],
    );
  }

  async requeue(tx: Tx, id: string): Promise<LogoutDelivery | null> {
    const [failed] = await tx.query<LogoutDelivery>(
      `SELECT ${DELIVERY} FROM logout_delivery WHERE id = $1 AND state = 'failed' FOR UPDATE`,
      [id],
    );
    if (!failed) return null;
    await tx.query(
      "UPDATE logout_delivery SET state = 'queued', attempts = 0, next_attempt_at = now(), ended_at = NULL WHERE id = $1",
      [id],
    );
    return failed;
  }

  async list(
    { state, clientId }: LogoutDeliveryFilter,
    { limit, after }: PageRequest,
  ): Promise<ListPage<LogoutDelivery>> {
    const deliveries = await this.database.query<LogoutDelivery>(
      `SELECT ${DELIVERY} FROM logout_delivery
       WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR client_id = $2) AND ($3::uuid IS NULL OR id > $3)
       ORDER BY id LIMIT $4`,
      [state ?? null, clientId ?? null, after, limit + 1],
    );
    return pageOf(deliveries, limit, ({ id }) => id);
  }

  async find(id: string): Promise<LogoutDelivery | undefined> {
    const [delivery] = await this.database.query<LogoutDelivery>(
      `SELECT ${DELIVERY} FROM logout_delivery WHERE id = $1`,
      [id],
    );
    return delivery;
  }

  async backlog(): Promise<LogoutBacklog> {
    const [backlog] = await this.database.query<LogoutBacklog>(
      `SELECT count(*)::integer AS queued,
         (SELECT count(*)::integer FROM logout_delivery WHERE state = 'failed') AS failed,
         greatest(coalesce(extract(epoch FROM now() - min(next_attempt_at)), 0), 0)::float8 AS "overdueSeconds"
       FROM logout_delivery WHERE state = 'queued'`,
    );
    return backlog ?? { queued: 0, failed: 0, overdueSeconds: 0 };
  }
}
