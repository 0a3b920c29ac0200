import { randomUUID } from 'node:crypto';
import { commitmentOf } from '../domain/commitment.ts';
import type { Position } from '../domain/cursor.ts';
import type { EntryFilter, StoredEntry } from './entry-reader.ts';
import { PostgresEntryReader } from './postgres-entry-reader.ts';
import { PostgresEntryWriter } from './postgres-entry-writer.ts';
import { draftOf, openStore, type Store } from './store.spec-support.ts';

const writer = new PostgresEntryWriter();
let store: Store;
let reader: PostgresEntryReader;
beforeAll(async () => {
  store = await openStore('entry-reader');
  reader = new PostgresEntryReader(store.database);
});
afterAll(() => store.close());

async function append(organization: string | null, overrides: Parameters<typeof draftOf>[1] = {}): Promise<string> {
  const draft = draftOf(organization, overrides);
  await store.database.withTransaction((tx) => writer.append(tx, [draft]));
  return draft.identity.id;
}

const idsOf = (entries: readonly StoredEntry[]) => entries.map(({ entry }) => entry.event.id);
const search = async (filter: EntryFilter) => idsOf(await reader.search(filter, { order: 'asc', limit: 100 }));

test('every filter finds what it names and nothing else', async () => {
  const organization = randomUUID();
  const trace = randomUUID().replaceAll('-', '');
  const context = {
    actor_kind: 'account',
    actor_id: randomUUID(),
    request_id: randomUUID(),
    ip: null,
    user_agent: null,
  } as const;
  const id = await append(organization, { context, traceparent: `00-${trace}-00f067aa0ba902b7-01` });
  await append(randomUUID());
  for (const filter of [
    { log: `org-${organization}` },
    { actorId: context.actor_id },
    { traceId: trace },
    { requestId: context.request_id },
    { log: `org-${organization}`, action: 'access.request', outcome: 'denied' as const, eventType: 'access.denied' },
    { log: `org-${organization}`, targetKind: 'endpoint', targetId: 'audit-log.list-entries' },
  ])
    expect(await search(filter)).toEqual([id]);
  for (const filter of [{ action: 'none' }, { targetKind: 'none' }, { targetId: 'none' }, { eventType: 'none' }])
    expect(await search({ log: `org-${organization}`, ...filter })).toEqual([]);
  expect(await search({ log: `org-${organization}`, outcome: 'success' })).toEqual([]);
});

test('a time range includes its beginning and excludes its end', async () => {
  const log = `org-${randomUUID()}`;
  const id = await append(log.slice(4));
  const [{ recorded }] = (await reader.search({ log }, { order: 'asc', limit: 1 })) as [StoredEntry];
  const later = new Date(Date.parse(recorded) + 1).toISOString();
  expect(await search({ log, recordedFrom: recorded, recordedBefore: later })).toEqual([id]);
  expect(await search({ log, recordedBefore: recorded })).toEqual([]);
  expect(await search({ log, recordedFrom: later })).toEqual([]);
});

/** All pages one after the other, with `between` called after each. */
async function pages(filter: EntryFilter, order: 'asc' | 'desc', between = async () => {}): Promise<string[]> {
  const ids: string[] = [];
  let after: Position | undefined;
  for (;;) {
    const page = await reader.search(filter, { order, after, limit: 2 });
    ids.push(...idsOf(page));
    after = page.at(-1);
    if (!after) return ids;
    await between();
  }
}

test('pages of one log show every entry once, newest first, while new ones are written', async () => {
  const organization = randomUUID();
  const ids: string[] = [];
  for (let i = 0; i < 7; i += 1) ids.push(await append(organization));
  const seen = await pages({ log: `org-${organization}` }, 'desc', async () => void (await append(organization)));
  expect(seen).toEqual(ids.reverse());
});

test('pages across logs follow the time of recording, and entries of one millisecond are neither lost nor doubled', async () => {
  const actor = randomUUID();
  const context = { actor_kind: 'account', actor_id: actor, request_id: null, ip: null, user_agent: null } as const;
  const drafts = Array.from({ length: 9 }, () => draftOf(randomUUID(), { context }));
  await store.database.withTransaction((tx) => writer.append(tx, drafts));
  const ascending = await pages({ actorId: actor }, 'asc');
  expect([...ascending].sort()).toEqual(drafts.map((draft) => draft.identity.id).sort());
  expect(await pages({ actorId: actor }, 'desc')).toEqual([...ascending].reverse());
});

test('an entry is found with its personal values and the salts that prove them', async () => {
  const organization = randomUUID();
  await append(organization);
  const found = await reader.find(`org-${organization}`, 1);
  expect(found!.disclosed.map(({ pointer, value, subject }) => [pointer, value, subject])).toEqual([
    ['/origin/ip', '192.0.2.7', 'demo'],
    ['/origin/user_agent', 'curl/8', 'demo'],
  ]);
  for (const { salt, ...value } of found!.disclosed)
    expect(commitmentOf({ ...value, salt: Buffer.from(salt, 'base64url') })).toBe(
      found!.entry.commitments[value.pointer],
    );
});

test('an entry that is not there is undefined', async () => {
  expect(await reader.find('platform', 999_999)).toBeUndefined();
});
