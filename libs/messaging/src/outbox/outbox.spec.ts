import { accessDenied, accountRegistered, emailFlowRequested, tokenRevoked } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { runInContext } from '@gatehouse/telemetry';
import { RelayBench } from '../relay/relay.spec-support.ts';
import { MAX_EVENT_BYTES } from '../wire.ts';

interface Row {
  readonly key: string;
  readonly sequence: string | null;
  readonly headers: Record<string, string>;
  readonly payload: string | null;
}

describe('the outbox', () => {
  let bench: RelayBench;
  beforeAll(async () => {
    bench = await RelayBench.open('outbox', 0);
  });
  afterAll(() => bench.close());

  const rowsOf = (key: string) =>
    bench.database.query<Row>('SELECT key, sequence, headers, payload FROM outbox WHERE key = $1 ORDER BY xid, id', [
      key,
    ]);
  const denied = { endpoint: 'token.me', permission: 'x:y', organization_id: null, subject_id: 'demo' };

  test('keeps an event exactly when its transaction commits', async () => {
    const [kept, undone] = [uuidv7(), uuidv7()];
    await bench.register(kept);
    const failed = bench.database.change([undone], async (tx) => {
      await bench.append(tx, undone);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await rowsOf(kept)).toHaveLength(1);
    expect(await rowsOf(undone)).toEqual([]);
  });

  test('refuses an event whose key its transaction has not locked at its start', async () => {
    const key = uuidv7();
    const unlocked = bench.database.change(['another key'], (tx) => bench.append(tx, key));
    await expect(unlocked).rejects.toThrow('has not locked');
    expect(await rowsOf(key)).toEqual([]);
  });

  test('numbers the events of an aggregate without gaps, also where transactions fail in between', async () => {
    const key = uuidv7();
    const attempts = Array.from({ length: 20 }, (_, i) =>
      bench.database
        .change([key], async (tx) => {
          await bench.append(tx, key);
          if (i % 3 === 0) throw new Error('rolled back');
        })
        .catch(() => undefined),
    );
    await Promise.all(attempts);
    const sequences = (await rowsOf(key)).map(({ sequence }) => Number(sequence));
    expect(sequences).toEqual(Array.from({ length: 13 }, (_, i) => i + 1));
  });

  test('says who caused an event and from where, in headers; the data alone is the payload', async () => {
    const key = uuidv7();
    const context = {
      actor_kind: 'account',
      actor_id: 'ada',
      request_id: 'req-1',
      ip: '192.0.2.7',
      user_agent: 'Browser/1 (ü)',
    } as const;
    await runInContext({ ...context }, () => bench.register(key));
    const [row] = await rowsOf(key);
    expect(row?.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_type: 'account.registered',
      ce_source: '/gatehouse/token',
      ce_subject: key,
      ce_dataschema: 'urn:gatehouse:event:account.registered:1',
      'content-type': 'application/json',
      ce_actorkind: 'account',
      ce_actorid: 'ada',
      ce_requestid: 'req-1',
      ce_clientip: '192.0.2.7',
      ce_useragent: 'Browser/1 (ü)',
    });
    expect(Object.keys(JSON.parse(row?.payload ?? '{}') as object)).toEqual(['account_id', 'address_id']);
  });

  test('an address that an event carries is in the payload and nowhere else', async () => {
    const account_id = uuidv7();
    const email = 'somebody@example.com';
    await bench.database.change([account_id], (tx) =>
      bench.outbox.append(tx, emailFlowRequested, {
        flow_id: uuidv7(),
        purpose: 'registration',
        account_id,
        address_id: uuidv7(),
        email,
        locale: null,
      }),
    );
    const [row] = await rowsOf(account_id);
    expect(row?.payload).toContain(email);
    expect(JSON.stringify({ ...row, payload: null })).not.toContain(email);
  });

  test('data that its schema refuses is not appended', async () => {
    const key = 'not-a-uuid';
    await expect(bench.register(key)).rejects.toThrow();
    expect(await rowsOf(key)).toEqual([]);
  });

  test('refuses an event above the limit, for a batch of them could never be sent, and takes one below', async () => {
    const denial = (endpoint: string) => bench.outbox.record(accessDenied, { ...denied, endpoint });
    await expect(denial('x'.repeat(MAX_EVENT_BYTES))).rejects.toThrow('more than the 40960');
    await expect(denial('x'.repeat(MAX_EVENT_BYTES - 2_000))).resolves.toBeUndefined();
  });

  test('a tombstone follows what was appended for its key', async () => {
    const id = uuidv7();
    const key = `grant:${id}`;
    const revoke = (tx: Tx) =>
      bench.outbox.append(tx, tokenRevoked, {
        scope: 'grant',
        id,
        client_id: 'demo',
        account_id: null,
        reason: 'requested',
        revoked_at: '2026-01-01T00:00:00Z',
        expires_at: '2026-01-01T00:10:00Z',
      });
    await bench.database.change([key], revoke);
    await bench.database.change([key], (tx) => bench.outbox.appendTombstone(tx, tokenRevoked, key));
    const rows = await rowsOf(key);
    expect(rows.map(({ sequence, payload }) => [sequence, payload === null])).toEqual([
      ['1', false],
      ['2', true],
    ]);
  });

  test('a fact has its own id as key and no sequence; in a transaction it shares its fate', async () => {
    await bench.outbox.record(accessDenied, { ...denied, subject_id: 'alone' });
    await bench.database
      .withTransaction(async (tx) => {
        await bench.outbox.recordIn(tx, accessDenied, { ...denied, subject_id: 'undone' });
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    const rows = await bench.database.query<Row>(
      `SELECT key, sequence, headers, payload FROM outbox WHERE payload ~ '"(alone|undone)"'`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ sequence: null, headers: { ce_id: rows[0]?.key } });
  });

  test('events of one key on two topics are numbered apart', async () => {
    const account_id = uuidv7();
    const flow = { flow_id: uuidv7(), account_id, address_id: uuidv7(), email: 'a@example.com', locale: null };
    await bench.database.change([account_id], async (tx) => {
      await bench.outbox.append(tx, accountRegistered, { account_id, address_id: flow.address_id });
      await bench.outbox.append(tx, emailFlowRequested, { ...flow, purpose: 'registration' });
    });
    expect((await rowsOf(account_id)).map(({ sequence }) => sequence)).toEqual(['1', '1']);
  });
});
