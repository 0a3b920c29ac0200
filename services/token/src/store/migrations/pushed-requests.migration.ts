import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Authorization requests that clients pushed (RFC 9126). All of it is short-lived. */
export class PushedRequests1795392100050 implements MigrationInterface {
  readonly name = 'PushedRequests1795392100050';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pushed_request (
        reference_hash bytea PRIMARY KEY,
        client_id text NOT NULL REFERENCES client ON DELETE CASCADE,
        request jsonb NOT NULL,
        browser_hash bytea,
        expires_at timestamptz NOT NULL,
        consumed_at timestamptz
      );
      CREATE INDEX pushed_request_expiry ON pushed_request (expires_at);
      COMMENT ON COLUMN pushed_request.request IS 'the checked request';
      COMMENT ON COLUMN pushed_request.browser_hash IS 'the first browser that opened it; no other may';
      COMMENT ON COLUMN pushed_request.expires_at IS 'no browser may open it after that';

      ALTER TABLE authorization_request ADD pushed_hash bytea;
      COMMENT ON COLUMN authorization_request.pushed_hash IS 'the pushed request that it comes from; of several only one is answered';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE authorization_request DROP pushed_hash; DROP TABLE pushed_request');
  }
}
