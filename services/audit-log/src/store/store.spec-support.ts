import { randomUUID } from 'node:crypto';
import { Secret } from '@gatehouse/config';
import { accessDenied, accountRegistered } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import type { Sql, Tx } from '@gatehouse/database';
import { createSuite, type Suite } from '@gatehouse/testing';
import { draftEntry, type Draft } from '../domain/draft-entry.ts';
import { newSalt, received } from '../domain/entry.spec-support.ts';
import type { ReceivedEvent } from '../domain/received-event.ts';

/** A migrated database of the audit log, alone. */
export interface Store {
  readonly suite: Suite;
  readonly database: Database;
  close(): Promise<void>;
}

export async function openStore(name: string): Promise<Store> {
  const suite = await createSuite(name);
  await suite.migrate('audit-log');
  const url = new Secret(suite.databaseUrl('audit-log'));
  const database = new Database({ url, applicationName: name, entities: [], poolSize: 8, constraints: {} });
  await database.open();
  const close = async () => {
    await database.close();
    await suite.dispose();
  };
  return { suite, database, close };
}

/** The fact that somebody was refused in an organisation; without one, that an account was registered. */
export function eventOf(organization: string | null, overrides: Partial<ReceivedEvent> = {}): ReceivedEvent {
  const id = overrides.id ?? randomUUID();
  const headers = { ce_id: id };
  if (organization === null)
    return received(accountRegistered, accountRegistered.examples[0], { headers, ...overrides, id });
  const data = { ...accessDenied.examples[0], organization_id: organization };
  return received(accessDenied, data, { headers, ...overrides, id });
}

export function draftOf(organization: string | null, overrides: Partial<ReceivedEvent> = {}): Draft {
  return draftEntry(eventOf(organization, overrides), newSalt);
}

/** The same transaction with every statement of that name changed: a protection switched off. */
export function sabotaged(tx: Tx, name: string, change: (text: string) => string): Tx {
  const query = <R>(sql: Sql, parameters?: readonly unknown[]) =>
    tx.query<R>(typeof sql !== 'string' && sql.name === name ? change(sql.text) : sql, parameters);
  return Object.assign(Object.create(tx) as Tx, { query });
}

/** Entries of every log in order, as the checks of the specs read them. */
export async function entriesIn({ database }: Store) {
  const rows = await database.query<{
    log_id: string;
    sequence: string;
    recorded: Date;
    event_id: string;
    entry: Buffer;
    leaf_hash: Buffer;
  }>(
    'SELECT log_id, sequence::text, recorded, event_id, entry, leaf_hash FROM audit_entry ORDER BY log_id, audit_entry.sequence',
  );
  return rows.map(({ sequence, ...row }) => ({ ...row, sequence: Number(sequence) }));
}
