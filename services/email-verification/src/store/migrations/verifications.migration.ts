import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Flows, the messages of the send queue, and the proofs of what a message lets its reader confirm. */
export class Verifications1795392400000 implements MigrationInterface {
  readonly name = 'Verifications1795392400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE verification_flow (
        id uuid PRIMARY KEY,
        purpose text NOT NULL,
        account_id uuid NOT NULL,
        address_id uuid NOT NULL,
        email text NOT NULL,
        locale text,
        traceparent text,
        requested_at timestamptz NOT NULL DEFAULT now(),
        confirmed_at timestamptz,
        wrong_codes smallint NOT NULL DEFAULT 0,
        messages smallint NOT NULL DEFAULT 1,
        next_resend_at timestamptz NOT NULL
      ) WITH (fillfactor = 80);
      COMMENT ON COLUMN verification_flow.id IS 'made by the token service';
      COMMENT ON COLUMN verification_flow.email IS 'the only column that holds an address';
      COMMENT ON COLUMN verification_flow.traceparent IS 'of the request that asked; a confirmation links to it';

      CREATE TABLE message (
        id uuid PRIMARY KEY,
        flow_id uuid NOT NULL REFERENCES verification_flow ON DELETE CASCADE,
        state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        failures integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        last_reply smallint,
        ended_at timestamptz,
        traceparent text,
        CHECK ((state = 'queued') = (ended_at IS NULL))
      );
      CREATE INDEX message_due ON message (next_attempt_at) WHERE state = 'queued';
      CREATE INDEX message_flow ON message (flow_id, expires_at);
      CREATE INDEX message_state ON message (state, id);
      COMMENT ON COLUMN message.id IS 'local part of the Message-ID; code and link token are derived from it';
      COMMENT ON COLUMN message.attempts IS 'dialogues begun; the number of the last one is the key of its lease';
      COMMENT ON COLUMN message.failures IS 'refusals of this message, which its pauses grow with';
      COMMENT ON COLUMN message.next_attempt_at IS 'while it is being sent: when its lease ends';
      COMMENT ON COLUMN message.traceparent IS 'of the request or message that queued it';

      CREATE TABLE challenge (
        message_id uuid PRIMARY KEY REFERENCES message ON DELETE CASCADE,
        flow_id uuid NOT NULL REFERENCES verification_flow ON DELETE CASCADE,
        code_proof bytea NOT NULL,
        link_proof bytea NOT NULL
      );
      CREATE INDEX challenge_flow ON challenge (flow_id, message_id);
      COMMENT ON TABLE challenge IS 'HMACs only: neither a code nor a link token is stored anywhere';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE challenge, message, verification_flow');
  }
}
