import type { MigrationInterface, QueryRunner } from 'typeorm';

/** OAuth clients, and the keys that sign tokens. */
export class Clients1795392100001 implements MigrationInterface {
  readonly name = 'Clients1795392100001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE client (
        id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 200),
        secret_hash bytea NOT NULL,
        redirect_uris text[] NOT NULL,
        grant_types text[] NOT NULL,
        scopes text[] NOT NULL,
        resources text[],
        created_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON COLUMN client.resources IS 'names of the resources that it may ask tokens for; null allows every one';

      CREATE TABLE signing_key (
        kid text PRIMARY KEY,
        public_jwk jsonb NOT NULL,
        sealed_private_key bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON COLUMN signing_key.sealed_private_key IS 'PKCS #8 under AES-256-GCM';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE signing_key, client');
  }
}
