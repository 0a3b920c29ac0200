import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The way from an authorization request over the login to a code. All of it is short-lived. */
export class Authorization1795392100002 implements MigrationInterface {
  readonly name = 'Authorization1795392100002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE authorization_request (
        id uuid PRIMARY KEY,
        browser_hash bytea NOT NULL,
        client_id text NOT NULL REFERENCES client ON DELETE CASCADE,
        redirect_uri text NOT NULL,
        state text,
        nonce text,
        code_challenge text NOT NULL,
        scope text[] NOT NULL,
        resources text[] NOT NULL,
        unverified_flow_id uuid,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX authorization_request_expiry ON authorization_request (expires_at);
      COMMENT ON COLUMN authorization_request.unverified_flow_id IS
        'the registration whose right password was given here: it may be sent a new mail';

      CREATE TABLE browser_session (
        id uuid PRIMARY KEY,
        cookie_hash bytea NOT NULL UNIQUE,
        account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
        authenticated_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX browser_session_expiry ON browser_session (expires_at);

      CREATE TABLE authorization_code (
        code_hash bytea PRIMARY KEY,
        grant_id uuid NOT NULL,
        client_id text NOT NULL REFERENCES client ON DELETE CASCADE,
        account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
        session_id uuid NOT NULL,
        redirect_uri text NOT NULL,
        code_challenge text NOT NULL,
        nonce text,
        scope text[] NOT NULL,
        resources text[] NOT NULL,
        authenticated_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        consumed_at timestamptz
      );
      CREATE INDEX authorization_code_expiry ON authorization_code (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE authorization_code, browser_session, authorization_request');
  }
}
