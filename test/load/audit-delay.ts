import pg from 'pg';

export interface AuditDelay {
  readonly events: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** How long events took from their occurrence to their stored audit entry, over the entries recorded since `since`. */
export async function auditDelay(auditDatabaseUrl: string, since: Date): Promise<AuditDelay> {
  const client = new pg.Client({ connectionString: auditDatabaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<AuditDelay>(
      `SELECT count(*)::int AS events,
              percentile_cont(0.50) WITHIN GROUP (ORDER BY delay) AS "p50Ms",
              percentile_cont(0.95) WITHIN GROUP (ORDER BY delay) AS "p95Ms",
              percentile_cont(0.99) WITHIN GROUP (ORDER BY delay) AS "p99Ms"
       FROM (SELECT extract(epoch FROM recorded - occurred) * 1000 AS delay FROM audit_entry WHERE occurred >= $1) delays`,
      [since],
    );
    if (!rows[0]) throw new Error('no entries');
    return rows[0];
  } finally {
    await client.end();
  }
}
