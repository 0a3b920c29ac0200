import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Numbered revocations, and the versions of accounts and clients that end everything older. */
export class Revocations1795392100030 implements MigrationInterface {
  readonly name = 'Revocations1795392100030';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE account ADD COLUMN version integer NOT NULL DEFAULT 0;
      ALTER TABLE browser_session ADD COLUMN account_version integer NOT NULL DEFAULT 0;
      ALTER TABLE authorization_code ADD COLUMN account_version integer NOT NULL DEFAULT 0;
      ALTER TABLE token_grant ADD COLUMN account_version integer NOT NULL DEFAULT 0;
      COMMENT ON COLUMN account.version IS
        'raised by "revoke all": sessions, codes, grants and tokens that carry a lower one are worth nothing';

      CREATE TABLE revocation_head (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        number bigint NOT NULL
      );
      COMMENT ON TABLE revocation_head IS
        'the last number; locked from its increment to the commit, so numbers have no gaps and commit in their order';

      ALTER TABLE revocation ADD COLUMN number bigint;
      ALTER TABLE revocation ADD COLUMN version integer;
      ALTER TABLE revocation ADD COLUMN revoked_at timestamptz NOT NULL DEFAULT now();
      UPDATE revocation SET number = numbered.number
      FROM (SELECT key, row_number() OVER (ORDER BY expires_at, key) AS number FROM revocation) numbered
      WHERE numbered.key = revocation.key;
      ALTER TABLE revocation ALTER COLUMN number SET NOT NULL, ALTER COLUMN revoked_at DROP DEFAULT;
      CREATE UNIQUE INDEX revocation_number ON revocation (number);
      INSERT INTO revocation_head (number) SELECT count(*) FROM revocation;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE revocation_head;
      ALTER TABLE revocation DROP COLUMN number, DROP COLUMN version, DROP COLUMN revoked_at;
      ALTER TABLE account DROP COLUMN version;
      ALTER TABLE browser_session DROP COLUMN account_version;
      ALTER TABLE authorization_code DROP COLUMN account_version;
      ALTER TABLE token_grant DROP COLUMN account_version;
    `);
  }
}
