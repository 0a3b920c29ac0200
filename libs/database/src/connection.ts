import type { Secret } from '@gatehouse/config';
import type pg from 'pg';

const SECOND_MS = 1_000;

/** How long anything may take; a transaction that stays open longer would hold every relay of the cluster up. */
export const TIMEOUTS_MS = {
  connect: 5 * SECOND_MS,
  statement: 10 * SECOND_MS,
  idleInTransaction: 10 * SECOND_MS,
  transaction: 30 * SECOND_MS,
  /** The client gives up after the server should have: only a half-open connection comes that far. */
  answer: 15 * SECOND_MS,
} as const;

export interface ConnectionTarget {
  readonly url: Secret;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
}

/** Connection options with the timeouts of an ordinary session, set in the startup message: no extra round trip. */
export function connectionOptions({ url, applicationName }: ConnectionTarget): pg.PoolConfig {
  return {
    connectionString: url.reveal(),
    application_name: applicationName,
    connectionTimeoutMillis: TIMEOUTS_MS.connect,
    query_timeout: TIMEOUTS_MS.answer,
    keepAlive: true,
    idleTimeoutMillis: 60 * SECOND_MS,
    maxLifetimeSeconds: 1_800,
    options: [
      `-c statement_timeout=${TIMEOUTS_MS.statement}`,
      `-c idle_in_transaction_session_timeout=${TIMEOUTS_MS.idleInTransaction}`,
      `-c transaction_timeout=${TIMEOUTS_MS.transaction}`,
    ].join(' '),
  };
}
