import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Clients that are managed, by administrators and by themselves, and the tokens that let strangers register some. */
export class ClientRegistration1795392100040 implements MigrationInterface {
  readonly name = 'ClientRegistration1795392100040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE client
        ADD version integer NOT NULL DEFAULT 1,
        ADD registration_token_hash bytea;
      COMMENT ON COLUMN client.version IS 'raised by every change; tokens carry it, so that a revocation can end those of before';
      COMMENT ON COLUMN client.registration_token_hash IS 'SHA-256; only clients that registered themselves have one';

      CREATE TABLE initial_access_token (
        id uuid PRIMARY KEY,
        token_hash bytea NOT NULL UNIQUE,
        uses_left integer NOT NULL CHECK (uses_left >= 0),
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX initial_access_token_expiry ON initial_access_token (expires_at);
      COMMENT ON TABLE initial_access_token IS 'RFC 7591 3: who holds one may register clients';

      CREATE INDEX token_grant_client ON token_grant (client_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX token_grant_client;
      DROP TABLE initial_access_token;
      ALTER TABLE client DROP version, DROP registration_token_hash;
    `);
  }
}
