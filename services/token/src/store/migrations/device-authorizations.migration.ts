import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The device grant (RFC 8628). All of it is short-lived. */
export class DeviceAuthorizations1795392100051 implements MigrationInterface {
  readonly name = 'DeviceAuthorizations1795392100051';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE device_authorization (
        grant_id uuid PRIMARY KEY,
        device_code_hash bytea NOT NULL UNIQUE,
        user_code text NOT NULL UNIQUE,
        client_id text NOT NULL REFERENCES client ON DELETE CASCADE,
        scope text[] NOT NULL,
        resources text[] NOT NULL,
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'denied', 'used')),
        account_id uuid REFERENCES account ON DELETE CASCADE,
        account_version int,
        session_id uuid,
        authenticated_at timestamptz,
        acr text,
        amr text[],
        interval_s int NOT NULL,
        polled_at timestamptz,
        expires_at timestamptz NOT NULL,
        CHECK ((account_id IS NOT NULL) = (state IN ('approved', 'used')))
      );
      CREATE INDEX device_authorization_expiry ON device_authorization (expires_at);
      COMMENT ON COLUMN device_authorization.account_version IS 'at the login; tokens of an older one are refused';
      COMMENT ON COLUMN device_authorization.interval_s IS 'grows with every question that comes too soon';

      CREATE TABLE wrong_user_code (
        source text NOT NULL,
        tried_at timestamptz NOT NULL
      );
      CREATE INDEX wrong_user_code_source ON wrong_user_code (source, tried_at);
      CREATE INDEX wrong_user_code_age ON wrong_user_code (tried_at);
      COMMENT ON COLUMN wrong_user_code.source IS 'IPv4 address or IPv6 network';

      ALTER TABLE authorization_request ADD device_grant_id uuid REFERENCES device_authorization ON DELETE CASCADE;
      CREATE INDEX authorization_request_device ON authorization_request (device_grant_id);
      COMMENT ON COLUMN authorization_request.device_grant_id IS 'the device that the person is asked about; null for a request of this browser';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE authorization_request DROP device_grant_id;
      DROP TABLE wrong_user_code, device_authorization;
    `);
  }
}
