import { Injectable } from '@nestjs/common';
import { advisoryKey, attachPartition, Database, partitionsOf, type Tx } from '@gatehouse/database';
import { TokenSettings } from '../config.ts';
import { isOver, weeksAhead } from './expiry-weeks.ts';
import type { RefreshTokenPartitions } from './refresh-token-partitions.ts';

const TABLE = 'refresh_token';

@Injectable()
export class PostgresRefreshTokenPartitions implements RefreshTokenPartitions {
  constructor(
    private readonly database: Database,
    private readonly settings: TokenSettings,
  ) {}

  async keep(now: Date): Promise<void> {
    const existing = await partitionsOf(this.database, TABLE);
    const wanted = weeksAhead(TABLE, now, this.settings.refreshTokenLifetimeMs);
    for (const week of wanted)
      if (!existing.includes(week.name)) await this.alone((tx) => attachPartition(tx, TABLE, week));
    for (const name of existing)
      if (isOver(TABLE, name, now)) await this.alone((tx) => tx.query(`DROP TABLE IF EXISTS ${name}`));
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
