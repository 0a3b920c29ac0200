import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Grants with their chains of refresh tokens, and what was revoked before its expiry. */
export class Grants1795392100003 implements MigrationInterface {
  readonly name = 'Grants1795392100003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE token_grant (
        id uuid PRIMARY KEY,
        client_id text NOT NULL REFERENCES client ON DELETE CASCADE,
        account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
        session_id uuid NOT NULL,
        scope text[] NOT NULL,
        resources text[] NOT NULL,
        authenticated_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz
      );
      CREATE INDEX token_grant_expiry ON token_grant (expires_at);
      CREATE INDEX token_grant_account ON token_grant (account_id);

      CREATE TABLE refresh_token (
        id uuid PRIMARY KEY,
        token_hash bytea NOT NULL UNIQUE,
        grant_id uuid NOT NULL REFERENCES token_grant ON DELETE CASCADE,
        expires_at timestamptz NOT NULL,
        consumed_at timestamptz,
        successor_id uuid,
        CHECK ((consumed_at IS NULL) = (successor_id IS NULL))
      );
      CREATE INDEX refresh_token_grant ON refresh_token (grant_id);

      CREATE TABLE revocation (
        key text PRIMARY KEY,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX revocation_expiry ON revocation (expires_at);
      COMMENT ON TABLE revocation IS 'keys of the topic token.revocations that still need their tombstone';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE revocation, refresh_token, token_grant');
  }
}
