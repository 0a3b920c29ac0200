import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signing keys get an algorithm, the instants of their life, and the name of the master key that seals them. */
export class SigningKeys1795392100010 implements MigrationInterface {
  readonly name = 'SigningKeys1795392100010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE signing_key RENAME COLUMN created_at TO published_at;
      ALTER TABLE signing_key
        ALTER COLUMN published_at DROP DEFAULT,
        ALTER COLUMN sealed_private_key DROP NOT NULL,
        ADD COLUMN algorithm text NOT NULL DEFAULT 'ES256',
        ADD COLUMN master_key_id text,
        ADD COLUMN active_from timestamptz,
        ADD COLUMN retiring_from timestamptz,
        ADD COLUMN gone_at timestamptz,
        ADD COLUMN revoked_at timestamptz;
      UPDATE signing_key SET active_from = published_at;
      ALTER TABLE signing_key
        ALTER COLUMN algorithm DROP DEFAULT,
        ALTER COLUMN active_from SET NOT NULL,
        ADD CHECK ((retiring_from IS NULL) OR (gone_at IS NOT NULL));
      COMMENT ON COLUMN signing_key.sealed_private_key IS 'PKCS #8 under AES-256-GCM; null once the key is gone or revoked';
      COMMENT ON COLUMN signing_key.master_key_id IS 'which master key seals it; null for rows older than the column';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM signing_key WHERE sealed_private_key IS NULL OR algorithm <> 'ES256' OR active_from > now();
      ALTER TABLE signing_key
        DROP COLUMN algorithm, DROP COLUMN master_key_id, DROP COLUMN active_from, DROP COLUMN retiring_from,
        DROP COLUMN gone_at, DROP COLUMN revoked_at,
        ALTER COLUMN sealed_private_key SET NOT NULL,
        ALTER COLUMN published_at SET DEFAULT now();
      ALTER TABLE signing_key RENAME COLUMN published_at TO created_at;
    `);
  }
}
