import type pg from 'pg';
import { eventually } from '@gatehouse/testing';
import type { OutgoingRecord, RelaySource } from './relay-source.ts';
import { RelayBench, TOPIC } from './relay.spec-support.ts';

interface Entry extends OutgoingRecord {
  readonly position: number;
}

/** Entries of logs whose sequences have no gaps: no transaction ids, one cursor for each log. */
class EntrySource implements RelaySource<Entry> {
  readonly name = 'entries';
  #batch: readonly Entry[] = [];

  open() {
    return Promise.resolve([]);
  }

  async read(connection: pg.Client, limit: number) {
    const { rows } = await connection.query<{ log: string; position: number }>(
      `SELECT log, position FROM entry JOIN entry_cursor USING (log) WHERE position > sent ORDER BY log, position LIMIT $1`,
      [limit],
    );
    const records = rows.map(({ log, position }) => ({
      topic: TOPIC,
      key: log,
      value: `${log} ${position}`,
      headers: {},
      sequence: position,
      position,
    }));
    this.#batch = records;
    return { records, waiting: false };
  }

  async mark(connection: pg.Client, last: Entry) {
    const sent = this.#batch.slice(0, this.#batch.indexOf(last) + 1);
    for (const [log, position] of new Map(sent.map(({ key, position }) => [key, position]))) {
      await connection.query('UPDATE entry_cursor SET sent = $2 WHERE log = $1', [log, position]);
    }
  }

  backlog() {
    return Promise.resolve({ rows: 0, oldestAgeSeconds: 0 });
  }
}

describe('another source of records', () => {
  test('is relayed by its own order, under its own lock, beside the outbox', async () => {
    const bench = await RelayBench.open('relay-source');
    await bench.database.query('CREATE TABLE entry (log text, position int, PRIMARY KEY (log, position))');
    await bench.database.query('CREATE TABLE entry_cursor (log text PRIMARY KEY, sent int NOT NULL DEFAULT 0)');
    await bench.database.query(`INSERT INTO entry_cursor (log) VALUES ('a'), ('b')`);
    await bench.database.query(
      `INSERT INTO entry SELECT log, position FROM unnest('{a,b}'::text[]) log, generate_series(1, 1500) position`,
    );
    const outbox = await bench.activeRelay();
    const entries = bench.relay(new EntrySource());
    await eventually(() => entries.active && outbox.active, { within: '10s' });
    await eventually(async () => (await bench.messages()).length === 3_000, { within: '20s' });
    for (const log of ['a', 'b']) {
      const sent = (await bench.messages()).filter(({ key }) => key?.toString() === log);
      expect(sent.map(({ value }) => value?.toString())).toEqual(
        Array.from({ length: 1_500 }, (_, i) => `${log} ${i + 1}`),
      );
    }
    await bench.close();
  });
});
