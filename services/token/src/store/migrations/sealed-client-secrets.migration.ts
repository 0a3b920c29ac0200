import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Secrets of client_secret_jwt, which have to be recovered. */
export class SealedClientSecrets1795392100090 implements MigrationInterface {
  readonly name = 'SealedClientSecrets1795392100090';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE client ADD sealed_secrets jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_array_length(sealed_secrets) <= 2);
      COMMENT ON COLUMN client.sealed_secrets IS 'secrets of client_secret_jwt under AES-256-GCM, by the ids of secret_hashes';
      CREATE INDEX client_sealed_secrets ON client (id) WHERE sealed_secrets <> '[]';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE client DROP sealed_secrets');
  }
}
