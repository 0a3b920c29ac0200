import { RelayHalted } from './relay-source.ts';

/** Which cluster gave out the transaction ids, and in which of its histories. A restore changes at least one. */
export interface ClusterIdentity {
  readonly system_identifier: string;
  readonly timeline: string;
  /** The first transaction id that is not given out yet. */
  readonly next_xid: string;
}

/** Every function here may be called by an ordinary role; a standby refuses, and nobody relays from a standby. */
export const CLUSTER_IDENTITY_SQL = `
  SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
         substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline,
         pg_snapshot_xmax(pg_current_snapshot())::text AS next_xid`;

/** The position after which the next record is read, bound to the cluster whose transaction ids it counts in. */
export interface Cursor {
  readonly xid: string;
  readonly id: string;
  readonly ordered_from: string;
  readonly system_identifier: string | null;
  readonly timeline: string | null;
}

/**
 * Throws where the cursor may not be continued: transaction ids of another cluster, or of another history of this one,
 * may run backwards, and reading on would skip rows silently.
 */
export function assertSameCluster(cursor: Cursor, cluster: ClusterIdentity): void {
  const differences = [
    ...differenceOf('system identifier', cursor.system_identifier, cluster.system_identifier),
    ...differenceOf('timeline', cursor.timeline, cluster.timeline),
    ...(BigInt(cursor.xid) >= BigInt(cluster.next_xid)
      ? [`its transaction ${cursor.xid} has not happened here, the next is ${cluster.next_xid}`]
      : []),
  ];
  if (differences.length === 0) return;
  throw new RelayHalted(
    `the cursor belongs to another history of the database: ${differences.join('; ')}. ` +
      'Run `gatehouse outbox rebase` to send again what is retained',
  );
}

function differenceOf(what: string, known: string | null, found: string): string[] {
  return known === null || known === found ? [] : [`its ${what} was ${known} and is ${found}`];
}
