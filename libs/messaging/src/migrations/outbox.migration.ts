import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createPartitionsSql } from '../outbox/partitions.ts';

/**
 * The outbox. A row carries the id of the transaction that wrote it, so that the relay can tell which rows nobody can
 * slip in front of any more; `id` orders rows inside one transaction.
 */
export class Outbox1795392000000 implements MigrationInterface {
  readonly name = 'Outbox1795392000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SEQUENCE outbox_id AS bigint;
      CREATE TABLE outbox (
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        id bigint NOT NULL DEFAULT nextval('outbox_id'),
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        topic text NOT NULL,
        key text NOT NULL,
        sequence bigint,
        headers json NOT NULL,
        payload text
      ) PARTITION BY RANGE (created_at);
      CREATE INDEX outbox_order ON outbox (xid, id);
      COMMENT ON COLUMN outbox.sequence IS 'position within (topic, key); null for a fact, which has no order';
      COMMENT ON COLUMN outbox.payload IS 'null is a tombstone';

      CREATE TABLE outbox_sequence (
        topic text NOT NULL,
        key text NOT NULL,
        sequence bigint NOT NULL,
        PRIMARY KEY (topic, key)
      ) WITH (fillfactor = 80);

      CREATE TABLE outbox_cursor (
        shard text PRIMARY KEY,
        xid xid8 NOT NULL DEFAULT '0',
        id bigint NOT NULL DEFAULT 0,
        ordered_from xid8 NOT NULL DEFAULT '0',
        system_identifier text,
        timeline text,
        moved_at timestamptz NOT NULL DEFAULT now()
      ) WITH (fillfactor = 50);
      COMMENT ON COLUMN outbox_cursor.system_identifier IS 'of the cluster whose transaction ids these are; null until the first relay';
      COMMENT ON COLUMN outbox_cursor.ordered_from IS 'a rebase accepted the order of everything before this transaction';
      INSERT INTO outbox_cursor (shard) VALUES ('outbox');
    `);
    for (const statement of createPartitionsSql('outbox', new Date())) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox_cursor, outbox_sequence, outbox; DROP SEQUENCE outbox_id');
  }
}
