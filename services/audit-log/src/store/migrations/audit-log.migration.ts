import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The logs and their entries. `audit_log` holds one counter per log, which is locked last in a transaction and until
 * its commit: so a log's sequence has no gap and is committed in order. All other tables only ever grow, and the
 * database refuses anything else, whoever asks.
 */
export class AuditLog1795392100000 implements MigrationInterface {
  readonly name = 'AuditLog1795392100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(GUARDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE audit_seal, audit_entry, audit_identity, audit_log;
      DROP FUNCTION audit_append_only, audit_log_forward_only;
    `);
  }
}

const TABLES = `
  CREATE TABLE audit_log (
    log_id text PRIMARY KEY,
    sequence bigint NOT NULL CHECK (sequence > 0),
    recorded timestamptz NOT NULL,
    published bigint NOT NULL DEFAULT 0 CHECK (published BETWEEN 0 AND sequence)
  ) WITH (fillfactor = 70);
  COMMENT ON COLUMN audit_log.sequence IS 'of the last entry';
  COMMENT ON COLUMN audit_log.recorded IS 'of the last entry; entries never go back behind it';
  COMMENT ON COLUMN audit_log.published IS 'sequence of the last entry that Kafka has';
  CREATE INDEX audit_log_unpublished ON audit_log (log_id) WHERE published < sequence;

  CREATE TABLE audit_identity (
    source text NOT NULL,
    id text NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (source, id)
  );
  COMMENT ON TABLE audit_identity IS 'what has an entry already, by the identity that CloudEvents defines';
  COMMENT ON COLUMN audit_identity.digest IS 'SHA-256 of the event''s attributes and value';

  CREATE TABLE audit_entry (
    log_id text NOT NULL,
    sequence bigint NOT NULL,
    recorded timestamptz NOT NULL,
    occurred timestamptz NOT NULL,
    source text NOT NULL,
    event_id text NOT NULL,
    event_type text NOT NULL,
    actor_kind text NOT NULL,
    actor_id text,
    action text NOT NULL,
    target_kind text NOT NULL,
    target_id text NOT NULL,
    outcome text NOT NULL,
    trace_id text,
    request_id text,
    leaf_hash bytea NOT NULL,
    entry bytea NOT NULL,
    PRIMARY KEY (log_id, sequence)
  );
  COMMENT ON COLUMN audit_entry.entry IS 'the exact bytes of the leaf; every other column but the hash is derived from them';
  CREATE INDEX audit_entry_recorded ON audit_entry (recorded, log_id, sequence);
  CREATE INDEX audit_entry_actor ON audit_entry (actor_id, recorded) WHERE actor_id IS NOT NULL;
  CREATE INDEX audit_entry_target ON audit_entry (target_id, recorded);
  CREATE INDEX audit_entry_action ON audit_entry (action, recorded);
  CREATE INDEX audit_entry_trace ON audit_entry (trace_id) WHERE trace_id IS NOT NULL;
  CREATE INDEX audit_entry_request ON audit_entry (request_id) WHERE request_id IS NOT NULL;

  CREATE TABLE audit_seal (
    log_id text NOT NULL,
    sequence bigint NOT NULL,
    subject text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (log_id, sequence, subject)
  );
  COMMENT ON TABLE audit_seal IS 'personal values of an entry, one row for each person, beside and never inside its bytes';
  COMMENT ON COLUMN audit_seal.subject IS 'id of the person; empty where nobody is known';
`;

const GUARDS = `
  CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION '% only ever grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
  END $$;
  CREATE FUNCTION audit_log_forward_only() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.log_id <> OLD.log_id OR NEW.sequence < OLD.sequence OR NEW.recorded < OLD.recorded
       OR NEW.published < OLD.published THEN
      RAISE EXCEPTION 'the log % only goes forward', OLD.log_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END $$;

  CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
  CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_identity
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
  CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
  CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
  CREATE TRIGGER forward_only BEFORE UPDATE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_forward_only();
`;
