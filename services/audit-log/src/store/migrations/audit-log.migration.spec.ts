import { migrate } from '@gatehouse/database';
import { operator } from '../../operator.ts';
import { PostgresEntryWriter } from '../postgres-entry-writer.ts';
import { draftOf, entriesIn, openStore } from '../store.spec-support.ts';

test('the schema can be taken back and laid down again, and is the same', async () => {
  const store = await openStore('audit-migration');
  const run = (action: 'up' | 'revert') => migrate(operator, action, store.suite.env('audit-log'));
  const tables = async () => {
    const rows = await store.database.query<{ name: string }>(
      `SELECT table_name || '.' || column_name || ' ' || data_type AS name FROM information_schema.columns
       WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
    );
    return rows.map(({ name }) => name);
  };
  try {
    const before = await tables();
    expect((await run('revert')).changed).toEqual(['AuditLog1795392100000']);
    expect((await tables()).filter((name) => name.startsWith('audit_'))).toEqual([]);
    expect((await run('up')).changed).toEqual(['AuditLog1795392100000']);
    expect(await tables()).toEqual(before);
    await store.database.withTransaction((tx) => new PostgresEntryWriter().append(tx, [draftOf(null)]));
    expect(await entriesIn(store)).toHaveLength(1);
  } finally {
    await store.close();
  }
});
