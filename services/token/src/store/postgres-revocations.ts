import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import { Revocations } from './revocations.ts';

@Injectable()
export class PostgresRevocations implements Revocations {
  constructor(private readonly database: Database) {}

  async add(tx: Tx, key: string, expiresAt: Date): Promise<boolean> {
    const added = await tx.query(
      'INSERT INTO revocation (key, expires_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING key',
      [key, expiresAt],
    );
    return added.length > 0;
  }

  async renew(tx: Tx, key: string, expiresAt: Date): Promise<void> {
    await tx.query(
      `INSERT INTO revocation AS r (key, expires_at) VALUES ($1, $2)
       ON CONFLICT (key) DO UPDATE SET expires_at = greatest(r.expires_at, excluded.expires_at)`,
      [key, expiresAt],
    );
  }

  async expired(now: Date, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ key: string }>(
      'SELECT key FROM revocation WHERE expires_at < $1 ORDER BY expires_at LIMIT $2',
      [now, limit],
    );
    return rows.map(({ key }) => key);
  }

  async forget(tx: Tx, keys: readonly string[], now: Date): Promise<string[]> {
    const rows = await tx.query<{ key: string }>(
      'DELETE FROM revocation WHERE key = ANY($1) AND expires_at < $2 RETURNING key',
      [keys, now],
    );
    return rows.map(({ key }) => key);
  }
}
