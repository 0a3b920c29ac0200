import { Injectable } from '@nestjs/common';
import { advisoryKey, Database, type Tx } from '@gatehouse/database';
import { TokenSettings } from '../config.ts';
import { isOver, weeksAhead, type ExpiryWeek } from '../domain/expiry-weeks.ts';
import type { RefreshTokenPartitions } from './refresh-token-partitions.ts';

const TABLE = 'refresh_token';

@Injectable()
export class PostgresRefreshTokenPartitions implements RefreshTokenPartitions {
  constructor(
    private readonly database: Database,
    private readonly settings: TokenSettings,
  ) {}

  async keep(now: Date): Promise<void> {
    const existing = await this.existing();
    const wanted = weeksAhead(TABLE, now, this.settings.refreshTokenLifetimeMs);
    for (const week of wanted) if (!existing.includes(week.name)) await this.alone((tx) => create(tx, week));
    for (const name of existing)
      if (isOver(TABLE, name, now)) await this.alone((tx) => tx.query(`DROP TABLE IF EXISTS ${name}`));
  }

  private async existing(): Promise<string[]> {
    const rows = await this.database.query<{ name: string }>(
      'SELECT relname AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = $1::regclass',
      [TABLE],
    );
    return rows.map(({ name }) => name);
  }

  /** Whoever waits for a table lock makes everybody behind it wait too, so it is not waited for long. */
  private async alone(work: (tx: Tx) => Promise<unknown>): Promise<void> {
    await this.database.withTransaction(async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(${advisoryKey('refresh token partitions')})`);
      await tx.query(`SET LOCAL lock_timeout = '200ms'`);
      await work(tx);
    });
  }
}

/** Attached as a table of its own: unlike CREATE TABLE ... PARTITION OF, that does not stop inserts. */
async function create(tx: Tx, { name, from, to }: ExpiryWeek): Promise<void> {
  const [found] = await tx.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [name]);
  if (found?.exists) return;
  await tx.query(`CREATE TABLE ${name} (LIKE ${TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
  await tx.query(
    `ALTER TABLE ${TABLE} ATTACH PARTITION ${name}
     FOR VALUES FROM ('${from.toISOString()}') TO ('${to.toISOString()}')`,
  );
}
