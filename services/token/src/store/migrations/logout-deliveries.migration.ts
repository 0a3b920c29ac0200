import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom a logout has to tell. */
export class LogoutDeliveries1795392100053 implements MigrationInterface {
  readonly name = 'LogoutDeliveries1795392100053';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX browser_session_account ON browser_session (account_id);

      CREATE TABLE logout_delivery (
        id uuid PRIMARY KEY,
        client_id text NOT NULL,
        account_id uuid NOT NULL,
        session_id uuid NOT NULL,
        state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'delivered', 'failed')),
        attempts int NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        last_status int,
        traceparent text,
        created_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        CHECK ((ended_at IS NULL) = (state = 'queued'))
      );
      CREATE INDEX logout_delivery_due ON logout_delivery (next_attempt_at) WHERE state = 'queued';
      CREATE INDEX logout_delivery_failed ON logout_delivery (id) WHERE state = 'failed';
      CREATE INDEX logout_delivery_ended ON logout_delivery (ended_at);
      CREATE INDEX logout_delivery_client ON logout_delivery (client_id);
      COMMENT ON TABLE logout_delivery IS 'clients to tell of a logout (OIDC Back-Channel Logout); failed ones are the dead letters';
      COMMENT ON COLUMN logout_delivery.client_id IS 'no reference: a client that is deleted meanwhile must not fail the logout';
      COMMENT ON COLUMN logout_delivery.account_id IS 'outlives the account: its clients are told that it is gone';
      COMMENT ON COLUMN logout_delivery.next_attempt_at IS 'also the end of the lease of whoever is at it';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE logout_delivery; DROP INDEX browser_session_account');
  }
}
