import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts, and the registrations that wait for the proof of their address. */
export class Accounts1795392100000 implements MigrationInterface {
  readonly name = 'Accounts1795392100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE account (
        id uuid PRIMARY KEY,
        address_id uuid NOT NULL,
        address text NOT NULL,
        address_key text NOT NULL UNIQUE,
        verified_at timestamptz,
        password_hash text,
        locale text,
        created_at timestamptz NOT NULL,
        ip_address inet,
        last_login_at timestamptz,
        failed_login_attempts integer NOT NULL DEFAULT 0,
        CHECK ((verified_at IS NULL) = (password_hash IS NULL))
      );
      COMMENT ON COLUMN account.address_key IS 'lower case: spellings of one mailbox are one account';
      COMMENT ON COLUMN account.failed_login_attempts IS 'wrong passwords since the last login';
      COMMENT ON COLUMN account.ip_address IS 'of the last login';

      CREATE TABLE registration (
        flow_id uuid PRIMARY KEY,
        account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
        password_hash text NOT NULL,
        created_at timestamptz NOT NULL
      );
      CREATE INDEX registration_account ON registration (account_id, flow_id);
      CREATE INDEX registration_age ON registration (created_at);
      COMMENT ON TABLE registration IS
        'one row for each mail that may prove the address: the proof puts the password of its own registration in force';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE registration, account');
  }
}
