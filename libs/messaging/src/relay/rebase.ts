import type pg from 'pg';
import { CLUSTER_IDENTITY_SQL } from './cluster.ts';
import type { ClusterIdentity } from './cluster.ts';
import { OUTBOX_SHARD } from './outbox-source.ts';
import { relayLock } from './relay-lock.ts';

export interface RebaseReport {
  /** Retained rows that the relay is going to send, again or for the first time. */
  readonly rowsToSend: number;
  /** Rows whose transaction ids came from another cluster and were replaced. */
  readonly rowsRenumbered: number;
}

/**
 * Binds the outbox's cursor to this cluster as it is now, and accepts the order of everything stored so far. From
 * `retained`, everything still stored is sent again (consumers drop what they know); `position` keeps the place, for a
 * relay that halted over an order which was looked into. Runs in one transaction under the relay's lock; throws while
 * a relay is active. Nothing here asks whether it is wise: that is the operator's part.
 */
export async function rebaseOutbox(connection: pg.ClientBase, from: 'retained' | 'position'): Promise<RebaseReport> {
  await connection.query('BEGIN');
  try {
    const report = await rebase(connection, from);
    await connection.query('COMMIT');
    return report;
  } catch (error) {
    await connection.query('ROLLBACK');
    throw error;
  }
}

async function rebase(connection: pg.ClientBase, from: 'retained' | 'position'): Promise<RebaseReport> {
  await waitForRelay(connection);
  const rowsRenumbered = await renumberForeignRows(connection);
  const { rows: clusters } = await connection.query<ClusterIdentity>(CLUSTER_IDENTITY_SQL);
  const [cluster] = clusters;
  if (!cluster) throw new Error('the server does not tell its identity');
  const position = from === 'retained' ? `xid = '0', id = 0,` : '';
  await connection.query(
    `UPDATE outbox_cursor SET ${position} system_identifier = $2, timeline = $3, moved_at = clock_timestamp(),
       ordered_from = (pg_current_xact_id()::text::numeric + 1)::text::xid8
     WHERE shard = $1`,
    [OUTBOX_SHARD, cluster.system_identifier, cluster.timeline],
  );
  const { rows } = await connection.query<{ count: string }>(
    `SELECT count(*) FROM outbox, outbox_cursor cursor
     WHERE cursor.shard = $1 AND (outbox.xid, outbox.id) > (cursor.xid, cursor.id)`,
    [OUTBOX_SHARD],
  );
  return { rowsToSend: Number(rows[0]?.count ?? 0), rowsRenumbered };
}

/** A halted relay holds its lock for moments only; an active one for as long as it lives. */
async function waitForRelay(connection: pg.ClientBase): Promise<void> {
  await connection.query(`SET LOCAL lock_timeout = '3s'`);
  try {
    await connection.query(`SELECT pg_advisory_xact_lock(${relayLock(OUTBOX_SHARD)})`);
  } catch (cause) {
    throw new Error('a relay is active on this outbox: stop the service, or there is nothing to rebase', { cause });
  }
}

/**
 * Rows that a dump brought along may carry transaction ids that this cluster has not reached: they would wait for
 * years. They are written anew, in their order, under the id of this transaction.
 */
async function renumberForeignRows(connection: pg.ClientBase): Promise<number> {
  const { rowCount } = await connection.query(`
    WITH foreign_rows AS (
      DELETE FROM outbox WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()) RETURNING *
    )
    INSERT INTO outbox (created_at, topic, key, sequence, headers, payload)
    SELECT created_at, topic, key, sequence, headers, payload FROM foreign_rows ORDER BY xid, id`);
  return rowCount ?? 0;
}
