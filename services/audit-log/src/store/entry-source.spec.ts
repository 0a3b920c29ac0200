import { randomUUID } from 'node:crypto';
import { auditEntryRecorded } from '@gatehouse/contracts';
import { decodeMessage, MAX_AUDIT_ENTRY_BYTES, recordBytes } from '@gatehouse/messaging';
import type { Client } from 'pg';
import { canonicalJson } from '../domain/canonical-json.ts';
import { draftEntry, MAX_ENTRY_BYTES } from '../domain/draft-entry.ts';
import { newSalt, received } from '../domain/entry.spec-support.ts';
import { leafHash } from '../domain/leaf.ts';
import { EntrySource } from './entry-source.ts';
import { PostgresEntryWriter } from './postgres-entry-writer.ts';
import { draftOf, openStore, type Store } from './store.spec-support.ts';

const writer = new PostgresEntryWriter();
let store: Store;
let connection: Client;
beforeEach(async () => {
  store = await openStore('entry-source');
  connection = await store.database.connect('relay');
});
afterEach(async () => {
  await connection.end();
  await store.close();
});

const append = (...drafts: ReturnType<typeof draftOf>[]) =>
  store.database.withTransaction((tx) => writer.append(tx, drafts));

test('a record carries the exact bytes of the leaf and the hash over them', async () => {
  await append(draftOf(null));
  const source = new EntrySource(store.database);
  const [record] = (await source.read(connection, 10)).records;
  const { entry, leaf_hash } = JSON.parse(record!.value!.toString()) as { entry: unknown; leaf_hash: string };
  expect(record!.value!.toString()).toContain(canonicalJson(entry));
  expect(leafHash(Buffer.from(canonicalJson(entry))).toString('base64url')).toBe(leaf_hash);
});

test('a record is a CloudEvent that fits its contract, in the order of its log', async () => {
  await append(draftOf(null), draftOf(null));
  const { records } = await new EntrySource(store.database).read(connection, 10);
  const messages = records.map(({ topic, key, value, headers }) =>
    decodeMessage({ topic, key: Buffer.from(key), value: Buffer.from(value!), headers, partition: 0, offset: '0' }),
  );
  expect(messages.map(({ key, sequence, type }) => [key, sequence, type])).toEqual([
    ['platform', 1, 'audit-entry.recorded'],
    ['platform', 2, 'audit-entry.recorded'],
  ]);
  for (const { data } of messages) expect(auditEntryRecorded.data.safeParse(data).error).toBeUndefined();
});

test('the largest entry fits the cap of the topic', async () => {
  const type = 't'.repeat(MAX_ENTRY_BYTES / 2 - 800);
  const event = received({ type, version: 1 }, {}, { key: 'k' });
  const [placed] = await append(draftEntry(event, newSalt));
  expect(placed!.bytes.length).toBeGreaterThan(MAX_ENTRY_BYTES - 2_000);
  const [record] = (await new EntrySource(store.database).read(connection, 10)).records;
  expect(recordBytes(record!.key, record!.headers, record!.value)).toBeLessThan(MAX_AUDIT_ENTRY_BYTES);
});

test('what was marked is not read again, also by the next relay; what was not, is', async () => {
  await append(draftOf(null), draftOf(null), draftOf(null));
  const source = new EntrySource(store.database);
  const { records } = await source.read(connection, 10);
  await source.mark(connection, records[1]!);
  const next = new EntrySource(store.database);
  expect(await next.open(connection)).toEqual([{ topic: 'audit.entries', key: 'platform', sequence: 2 }]);
  expect((await next.read(connection, 10)).records.map((record) => record.sequence)).toEqual([3]);
  expect(await next.backlog()).toMatchObject({ rows: 1 });
});

test('a mark moves every log of the batch as far as the batch went', async () => {
  const organizations = [randomUUID(), randomUUID()].sort();
  await append(...organizations.flatMap((organization) => [draftOf(organization), draftOf(organization)]));
  const source = new EntrySource(store.database);
  const { records } = await source.read(connection, 10);
  await source.mark(connection, records[2]!);
  const left = (await source.read(connection, 10)).records.map(({ key, sequence }) => [key, sequence]);
  expect(left).toEqual([[`org-${organizations[1]}`, 2]]);
});

test('a busy log does not starve the others', async () => {
  const organizations = [randomUUID(), randomUUID(), randomUUID()].sort();
  const source = new EntrySource(store.database);
  const served: string[] = [];
  await append(draftOf(organizations[1]!), draftOf(organizations[2]!));
  for (let round = 0; round < 4; round += 1) {
    await append(draftOf(organizations[0]!), draftOf(organizations[0]!));
    const { records } = await source.read(connection, 1);
    served.push(records[0]!.key);
    await source.mark(connection, records[0]!);
  }
  expect(new Set(served)).toEqual(new Set(organizations.map((organization) => `org-${organization}`)));
});
