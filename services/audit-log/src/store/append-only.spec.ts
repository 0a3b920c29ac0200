import { PostgresEntryWriter } from './postgres-entry-writer.ts';
import { draftOf, entriesIn, openStore, type Store } from './store.spec-support.ts';

let store: Store;
beforeAll(async () => {
  store = await openStore('append-only');
  const writer = new PostgresEntryWriter();
  await store.database.withTransaction(async (tx) => {
    const drafts = [draftOf(null), draftOf(null)];
    await writer.claim(tx, drafts);
    await writer.append(tx, drafts);
  });
});
afterAll(() => store.close());

const tables = { audit_entry: 'entry', audit_identity: 'digest', audit_seal: 'content' };

test.each(Object.entries(tables))(
  "the service's own role can neither change nor remove a row of %s",
  async (table, column) => {
    for (const statement of [
      `UPDATE ${table} SET ${column} = '\\x00'`,
      `UPDATE ${table} SET ${column} = ${column} WHERE false`,
      `DELETE FROM ${table}`,
      `DELETE FROM ${table} WHERE false`,
      `TRUNCATE ${table}`,
      `MERGE INTO ${table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE`,
    ])
      await expect(store.database.query(statement)).rejects.toThrow(/only ever grows/);
    expect(await entriesIn(store)).toHaveLength(2);
  },
);

test.each([
  ['sequence', 'sequence = sequence - 1'],
  ['time', "recorded = recorded - '1 s'::interval"],
  ['name', "log_id = 'org-other'"],
])('the counter of a log cannot change its %s backwards', async (_, change) => {
  await expect(store.database.query(`UPDATE audit_log SET ${change}`)).rejects.toThrow(/only goes forward/);
});

test('a log cannot be removed, nor published further than it goes', async () => {
  await expect(store.database.query('DELETE FROM audit_log')).rejects.toThrow(/only ever grows/);
  await expect(store.database.query('UPDATE audit_log SET published = sequence + 1')).rejects.toThrow(
    /check constraint/,
  );
});

test('without the guard the same statement goes through, so it is the guard that refuses', async () => {
  const unguarded = store.database.withTransaction(async (tx) => {
    await tx.query('ALTER TABLE audit_entry DISABLE TRIGGER append_only');
    const removed = await tx.query('DELETE FROM audit_entry RETURNING sequence');
    expect(removed).toHaveLength(2);
    throw new Error('rolled back');
  });
  await expect(unguarded).rejects.toThrow('rolled back');
});
