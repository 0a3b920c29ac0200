import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a consumer remembers: the events it has handled, how far it has come, and the messages it has put aside. */
export class Consumer1795392000001 implements MigrationInterface {
  readonly name = 'Consumer1795392000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE inbox (
        consumer text NOT NULL,
        event_id text NOT NULL,
        handled_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, event_id)
      );
      CREATE INDEX inbox_age ON inbox USING brin (handled_at) WITH (autosummarize = on);

      CREATE TABLE consumer_position (
        consumer text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        accepted boolean NOT NULL DEFAULT false,
        PRIMARY KEY (consumer, topic, partition)
      ) WITH (fillfactor = 50);
      COMMENT ON COLUMN consumer_position.accepted IS 'an operator put the position here; it holds whatever Kafka says, until the consumer moves on';

      CREATE TABLE parked_message (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        consumer text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        key text NOT NULL,
        event_id text,
        headers json NOT NULL,
        value bytea,
        error_class text NOT NULL,
        error_message text NOT NULL,
        attempts integer NOT NULL,
        traceparent text,
        first_seen_at timestamptz NOT NULL DEFAULT now(),
        parked_at timestamptz NOT NULL DEFAULT now(),
        released_at timestamptz,
        UNIQUE (consumer, topic, partition, "offset")
      );
      CREATE INDEX parked_message_key ON parked_message (consumer, topic, key, "offset");
      CREATE INDEX parked_message_released ON parked_message (consumer, topic, key) WHERE released_at IS NOT NULL;
      COMMENT ON COLUMN parked_message.released_at IS 'an operator wants the messages of this key handled again, in order';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE parked_message, consumer_position, inbox');
  }
}
