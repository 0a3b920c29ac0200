import { randomUUID } from 'node:crypto';
import type { Tx } from '@gatehouse/database';
import type { Draft } from '../domain/draft-entry.ts';
import { leafHash } from '../domain/leaf.ts';
import type { Claim } from './entry-writer.ts';
import { PostgresEntryWriter } from './postgres-entry-writer.ts';
import { draftOf, entriesIn, openStore, sabotaged, type Store } from './store.spec-support.ts';

const writer = new PostgresEntryWriter();
let store: Store;
beforeAll(async () => {
  store = await openStore('entry-writer');
});
afterAll(() => store.close());

/** Records what is new in one transaction, as the consumer does. */
async function record(drafts: readonly Draft[], using = writer, change = (tx: Tx) => tx): Promise<Claim[]> {
  return store.database.withTransaction(async (transaction) => {
    const tx = change(transaction);
    const claims = await using.claim(tx, drafts);
    const fresh = drafts.filter((_, at) => claims[at] === 'new');
    if (fresh.length > 0) await using.append(tx, fresh);
    return claims;
  });
}

const entriesOf = async (log: string) => (await entriesIn(store)).filter((entry) => entry.log_id === log);

test('every log has a sequence without a gap, in the order of its batches, however many write at once', async () => {
  const organizations = Array.from({ length: 5 }, () => randomUUID());
  const batches = Array.from({ length: 60 }, (_, batch) =>
    Array.from({ length: 8 }, (_, at) => draftOf(organizations[(batch * 3 + at * at) % organizations.length]!)),
  );
  await Promise.all(batches.map((batch) => record(batch)));
  for (const organization of organizations) {
    const entries = await entriesOf(`org-${organization}`);
    expect(entries.map((entry) => entry.sequence)).toEqual(entries.map((_, at) => at + 1));
    const recorded = entries.map((entry) => entry.recorded.getTime());
    expect(recorded).toEqual([...recorded].sort((a, b) => a - b));
    const positionOf = new Map(entries.map((entry) => [entry.event_id, entry.sequence]));
    for (const batch of batches) {
      const inLog = batch
        .filter((draft) => draft.log === `org-${organization}`)
        .map((d) => positionOf.get(d.identity.id));
      expect(inLog).toEqual([...inLog].sort((a, b) => a! - b!));
    }
  }
});

test('a transaction that is rolled back leaves neither an entry nor a gap', async () => {
  const organization = randomUUID();
  await record([draftOf(organization)]);
  const lost = store.database.withTransaction(async (tx) => {
    await writer.append(tx, [draftOf(organization)]);
    throw new Error('the effect failed');
  });
  await expect(lost).rejects.toThrow('the effect failed');
  await record([draftOf(organization)]);
  expect((await entriesOf(`org-${organization}`)).map((entry) => entry.sequence)).toEqual([1, 2]);
});

test('the stored bytes are the leaf, and the columns say what the bytes say', async () => {
  const organization = randomUUID();
  await record([draftOf(organization)]);
  const [entry] = await entriesOf(`org-${organization}`);
  expect(leafHash(entry!.entry)).toEqual(entry!.leaf_hash);
  expect(JSON.parse(entry!.entry.toString())).toMatchObject({
    log: entry!.log_id,
    sequence: entry!.sequence,
    recorded: entry!.recorded.toISOString(),
    event: { id: entry!.event_id },
  });
});

describe('an event gets one entry', () => {
  test('however often it arrives, in one batch or in many, also at the same time', async () => {
    const organization = randomUUID();
    const id = randomUUID();
    const again = () => draftOf(organization, { id });
    expect(await record([again(), again()])).toEqual(['new', 'duplicate']);
    expect(await record([again()])).toEqual(['duplicate']);
    const other = randomUUID();
    const racing = await Promise.all(Array.from({ length: 8 }, () => record([draftOf(organization, { id: other })])));
    expect(racing.flat().sort()).toEqual([...Array.from({ length: 7 }, () => 'duplicate'), 'new']);
    expect(await entriesOf(`org-${organization}`)).toHaveLength(2);
  });

  test('and two where nobody asks whether it has one: the check of this spec sees a double', async () => {
    const forgetful = new (class extends PostgresEntryWriter {
      override claim(_: Tx, drafts: readonly Draft[]): Promise<Claim[]> {
        return Promise.resolve(drafts.map(() => 'new'));
      }
    })();
    const organization = randomUUID();
    const id = randomUUID();
    await record([draftOf(organization, { id })], forgetful);
    await record([draftOf(organization, { id })], forgetful);
    expect(await entriesOf(`org-${organization}`)).toHaveLength(2);
  });

  test('the same id from another source is another event', async () => {
    const id = randomUUID();
    const sources = ['/gatehouse/token', '/gatehouse/authorization'];
    expect(await record(sources.map((source) => draftOf(null, { id, source })))).toEqual(['new', 'new']);
  });

  test('another content under its id is a conflict, within a batch and later', async () => {
    const id = randomUUID();
    const with_ = (text: string) => draftOf(null, { id, value: Buffer.from(text) });
    expect(await record([with_('one'), with_('two')])).toEqual(['new', 'conflict']);
    expect(await record([with_('three'), with_('one')])).toEqual(['conflict', 'duplicate']);
  });
});

describe('two batches that write to the same logs in opposite orders', () => {
  const organizations = Array.from({ length: 40 }, () => randomUUID());
  const drafts = organizations.map((organization) => () => draftOf(organization));

  /** Every counter is held for a while before the next is taken, so that the two batches surely meet. */
  const slow = (text: string) =>
    text.replace('+ excluded.sequence', '+ excluded.sequence + (pg_sleep(0.002) IS NULL)::int');
  const slowly = (tx: Tx) => sabotaged(tx, 'audit-advance', slow);
  const inArrivalOrder = (tx: Tx) =>
    sabotaged(tx, 'audit-advance', (text) => slow(text).replace('ORDER BY log_id', ''));

  async function failuresOf(change: (tx: Tx) => Tx): Promise<unknown[]> {
    await record(drafts.map((make) => make()));
    const batches = [drafts.map((make) => make()), drafts.map((make) => make()).reverse()];
    const results = await Promise.allSettled(batches.map((batch) => record(batch, writer, change)));
    return results.filter(({ status }) => status === 'rejected');
  }

  test('wait for each other', async () => {
    expect(await failuresOf(slowly)).toEqual([]);
  });

  test('deadlock where the counters are taken in the order of arrival', async () => {
    expect(await failuresOf(inArrivalOrder)).toHaveLength(1);
  });
});

describe('the time of recording', () => {
  const head = async (organization: string) =>
    (
      await store.database.query<{ recorded: Date }>('SELECT recorded FROM audit_log WHERE log_id = $1', [
        `org-${organization}`,
      ])
    )[0]!;

  test('never decreases within a log, though the clock of the server is set back', async () => {
    const organization = randomUUID();
    await record([draftOf(organization)]);
    await store.database.query("UPDATE audit_log SET recorded = recorded + '1 hour' WHERE log_id = $1", [
      `org-${organization}`,
    ]);
    const { recorded } = await head(organization);
    await record([draftOf(organization)]);
    expect((await entriesOf(`org-${organization}`)).at(-1)!.recorded).toEqual(recorded);
  });

  test('cannot decrease even where the writer forgets to take care', async () => {
    const organization = randomUUID();
    await record([draftOf(organization)]);
    await store.database.query("UPDATE audit_log SET recorded = recorded + '1 hour' WHERE log_id = $1", [
      `org-${organization}`,
    ]);
    const careless = (tx: Tx) => sabotaged(tx, 'audit-advance', (text) => text.replace('greatest(log.recorded, ', '(')); // prettier-ignore
    await expect(record([draftOf(organization)], writer, careless)).rejects.toThrow('only goes forward');
  });
});

test('a NUL in a value is replaced in the columns and kept in the bytes', async () => {
  const organization = randomUUID();
  await record([draftOf(organization, { id: `nul-\0-${organization}` })]);
  const [entry] = await entriesOf(`org-${organization}`);
  expect(entry!.event_id).toBe(`nul-\ufffd-${organization}`);
  expect(JSON.parse(entry!.entry.toString())).toMatchObject({ event: { id: `nul-\0-${organization}` } });
});

test("the personal values of an entry are stored once for each person, outside of the entry's bytes", async () => {
  const organization = randomUUID();
  await record([draftOf(organization)]);
  const seals = await store.database.query<{ subject: string; content: Buffer }>(
    'SELECT subject, content FROM audit_seal WHERE log_id = $1',
    [`org-${organization}`],
  );
  expect(seals.map((seal) => seal.subject)).toEqual(['demo']);
  const values = JSON.parse(seals[0]!.content.toString()) as { pointer: string; value: string }[];
  expect(values.map(({ pointer, value }) => [pointer, value])).toEqual([
    ['/origin/ip', '192.0.2.7'],
    ['/origin/user_agent', 'curl/8'],
  ]);
});
