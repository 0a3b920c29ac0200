import { uuidv7 } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import { rebaseOutbox } from './rebase.ts';
import { RelayBench } from './relay.spec-support.ts';

describe('a relay that could skip or invert something', () => {
  let bench: RelayBench;
  beforeAll(async () => {
    bench = await RelayBench.open('relay-halts');
  });
  afterEach(() => bench.reset());
  afterAll(() => bench.close());

  const rebase = async (from: 'retained' | 'position') => {
    const connection = await bench.database.connect('operator');
    try {
      return await rebaseOutbox(connection, from);
    } finally {
      await connection.end();
    }
  };
  /** What a restore does, as the cursor sees it. */
  const changeCursor = (assignments: string) => bench.database.query(`UPDATE outbox_cursor SET ${assignments}`);
  const sendOne = async () => {
    await bench.activeRelay();
    const sent = await bench.register();
    await bench.drained();
    await bench.stopRelays();
    return sent;
  };

  test.each([
    ['the system identifier differs', `system_identifier = '1'`, 'its system identifier was 1 and is'],
    ['the timeline differs', `timeline = '0000000F'`, 'its timeline was 0000000F and is 00000001'],
    ['the cursor is ahead of the cluster', `xid = '99999999999'`, 'its transaction 99999999999 has not happened here'],
  ])('halts where %s, until an operator rebases it', async (_, assignment, reason) => {
    const before = await sendOne();
    await changeCursor(assignment);
    const relay = bench.relay(bench.source());
    const after = await bench.register();
    await eventually(() => expect(relay.halted).toContain(reason), { within: '10s' });
    expect(relay.halted).toContain('gatehouse outbox rebase');
    expect(await bench.keysSent()).toEqual([before]);

    expect(await rebase('retained')).toEqual({ rowsToSend: 2, rowsRenumbered: 0 });
    await bench.drained();
    expect(relay.halted).toBeUndefined();
    expect(await bench.keysSent()).toEqual([before, before, after]);
  });

  test('a cursor that is not bound to its cluster skips silently after a restore', async () => {
    await sendOne();
    // The restored cluster is behind: its new transactions come before the cursor of the old one.
    await changeCursor(`xid = '99999999999', system_identifier = NULL, timeline = NULL`);
    await bench.register();
    const connection = await bench.database.connect('unprotected');
    const { rows } = await connection.query(
      'SELECT FROM outbox, outbox_cursor cursor WHERE (outbox.xid, outbox.id) > (cursor.xid, cursor.id)',
    );
    expect(rows).toEqual([]);
    await connection.end();
  });

  test('rows that a dump brought along under foreign transaction ids are sent in their order after a rebase', async () => {
    const key = uuidv7();
    for (let i = 0; i < 3; i += 1) await bench.register(key);
    await bench.database.query(`UPDATE outbox SET xid = (xid::text::numeric + 1000000000)::text::xid8`);
    await changeCursor(`xid = '1000000000', system_identifier = 'that of the old cluster'`);
    expect(await rebase('retained')).toEqual({ rowsToSend: 3, rowsRenumbered: 3 });
    await bench.activeRelay();
    await bench.drained();
    const sequences = (await bench.messages()).map(({ headers }) => headers?.['ce_sequence']?.toString());
    expect(sequences).toEqual(['1', '2', '3']);
  });

  test('halts before it sends an event after a later one of its aggregate; a rebase accepts what is stored', async () => {
    const key = uuidv7();
    await bench.activeRelay();
    for (let i = 0; i < 3; i += 1) await bench.register(key);
    await bench.drained();
    // A writer that took its transaction id before the lock: its event follows with an earlier sequence.
    await bench.database.query('UPDATE outbox_sequence SET sequence = 1 WHERE key = $1', [key]);
    await bench.stopRelays();
    const relay = bench.relay(bench.source());
    await bench.register(key);
    await eventually(() => expect(relay.halted).toContain('event 2 of the aggregate'), { within: '10s' });
    expect(await bench.keysSent()).toHaveLength(3);

    expect(await rebase('position')).toEqual({ rowsToSend: 1, rowsRenumbered: 0 });
    await bench.drained();
    expect(await bench.keysSent()).toHaveLength(4);
  });

  test('halts where an event of an aggregate is missing', async () => {
    const key = uuidv7();
    await bench.activeRelay();
    await bench.register(key);
    await bench.drained();
    await bench.stopRelays();
    for (let i = 0; i < 2; i += 1) await bench.register(key);
    await bench.database.query('DELETE FROM outbox WHERE sequence = 2');
    const relay = bench.relay(bench.source());
    await eventually(() => expect(relay.halted).toContain('an event is missing'), { within: '10s' });
  });

  test('is not rebased under the hands of an active relay', async () => {
    await bench.activeRelay();
    await expect(rebase('retained')).rejects.toThrow('a relay is active');
  });
});
