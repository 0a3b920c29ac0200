import type { MigrationInterface, QueryRunner } from 'typeorm';
import { weeksAhead } from '../expiry-weeks.ts';

/** The default of REFRESH_TOKEN_LIFETIME_MS; a service with another one makes the rest at its start. */
const LIFETIME_MS = 30 * 86_400_000;

/** Refresh tokens by week of expiry, so that those that have expired are dropped with their week. */
export class RefreshTokenPartitions1795392100060 implements MigrationInterface {
  readonly name = 'RefreshTokenPartitions1795392100060';

  async up(runner: QueryRunner): Promise<void> {
    const [last] = (await runner.query('SELECT max(expires_at) AS "expiresAt" FROM refresh_token')) as [
      { expiresAt: Date | null },
    ];
    const now = new Date();
    const longestMs = Math.max(LIFETIME_MS, (last.expiresAt?.getTime() ?? 0) - now.getTime());
    const partitions = weeksAhead('refresh_token', now, longestMs).map(
      ({ name, from, to }) =>
        `CREATE TABLE ${name} PARTITION OF refresh_token
         FOR VALUES FROM ('${from.toISOString()}') TO ('${to.toISOString()}');`,
    );
    await runner.query(`
      ALTER TABLE refresh_token RENAME TO refresh_token_whole;
      ALTER INDEX refresh_token_grant RENAME TO refresh_token_whole_grant;
      CREATE TABLE refresh_token (
        id uuid NOT NULL,
        token_hash bytea NOT NULL,
        grant_id uuid NOT NULL REFERENCES token_grant ON DELETE CASCADE,
        expires_at timestamptz NOT NULL,
        consumed_at timestamptz,
        successor_id uuid,
        CHECK ((consumed_at IS NULL) = (successor_id IS NULL)),
        CONSTRAINT refresh_token_key PRIMARY KEY (id, expires_at),
        CONSTRAINT refresh_token_hash UNIQUE (token_hash, expires_at)
      ) PARTITION BY RANGE (expires_at);
      CREATE INDEX refresh_token_grant ON refresh_token (grant_id);
      ${partitions.join('\n')}
      INSERT INTO refresh_token (id, token_hash, grant_id, expires_at, consumed_at, successor_id)
        SELECT id, token_hash, grant_id, expires_at, consumed_at, successor_id FROM refresh_token_whole
        WHERE expires_at > now();
      DROP TABLE refresh_token_whole;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE refresh_token_whole (
        id uuid PRIMARY KEY,
        token_hash bytea NOT NULL UNIQUE,
        grant_id uuid NOT NULL REFERENCES token_grant ON DELETE CASCADE,
        expires_at timestamptz NOT NULL,
        consumed_at timestamptz,
        successor_id uuid,
        CHECK ((consumed_at IS NULL) = (successor_id IS NULL))
      );
      INSERT INTO refresh_token_whole (id, token_hash, grant_id, expires_at, consumed_at, successor_id)
        SELECT id, token_hash, grant_id, expires_at, consumed_at, successor_id FROM refresh_token;
      DROP TABLE refresh_token;
      ALTER TABLE refresh_token_whole RENAME TO refresh_token;
      CREATE INDEX refresh_token_grant ON refresh_token (grant_id);
    `);
  }
}
