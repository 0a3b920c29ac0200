import { Injectable } from '@nestjs/common';
import type { PreparedStatement, Tx } from '@gatehouse/database';
import type { Draft } from '../domain/draft-entry.ts';
import { placeEntry, type PlacedEntry } from '../domain/place-entry.ts';
import { EntryWriter, type Claim } from './entry-writer.ts';
import { sealsBySubject } from './seal-rows.ts';

/** In ascending order, so that two batches with the same events wait for each other instead of deadlocking. */
const CLAIM: PreparedStatement = {
  name: 'audit-claim',
  text: `
    INSERT INTO audit_identity (source, id, digest)
    SELECT source, id, digest FROM unnest($1::text[], $2::text[], $3::bytea[]) AS claimed (source, id, digest)
    ORDER BY source, id
    ON CONFLICT DO NOTHING
    RETURNING source, id`,
};

const CLAIMED_BEFORE: PreparedStatement = {
  name: 'audit-claimed-before',
  text: `
    SELECT source, id, digest FROM audit_identity
    WHERE (source, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
};

/**
 * Moves the counters of the logs, locking them in ascending order of their ids: batches that locked them in the order
 * of their events deadlocked nearly always. The clock is read once the lock is held, and never runs backwards.
 */
const ADVANCE: PreparedStatement = {
  name: 'audit-advance',
  text: `
    INSERT INTO audit_log AS log (log_id, sequence, recorded)
    SELECT log_id, entries, date_trunc('milliseconds', clock_timestamp())
    FROM unnest($1::text[], $2::bigint[]) AS batch (log_id, entries)
    ORDER BY log_id
    ON CONFLICT (log_id) DO UPDATE
    SET sequence = log.sequence + excluded.sequence,
        recorded = greatest(log.recorded, date_trunc('milliseconds', clock_timestamp()))
    RETURNING log_id, sequence::text, recorded`,
};

const INSERT_ENTRIES: PreparedStatement = {
  name: 'audit-insert-entries',
  text: `
    INSERT INTO audit_entry (
      log_id, sequence, recorded, occurred, source, event_id, event_type, actor_kind, actor_id, action,
      target_kind, target_id, outcome, trace_id, request_id, leaf_hash, entry)
    SELECT * FROM unnest(
      $1::text[], $2::bigint[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::bytea[],
      $17::bytea[])`,
};

const INSERT_SEALS: PreparedStatement = {
  name: 'audit-insert-seals',
  text: `
    INSERT INTO audit_seal (log_id, sequence, subject, content)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])`,
};

@Injectable()
export class PostgresEntryWriter extends EntryWriter {
  override async claim(tx: Tx, drafts: readonly Draft[]): Promise<Claim[]> {
    const first = new Map<string, Draft>();
    for (const draft of drafts) if (!first.has(keyOf(draft))) first.set(keyOf(draft), draft);
    const identities = [...first.values()].map(({ identity }) => identity);
    const rows = await tx.query<Identity>(CLAIM, [
      identities.map(({ source }) => column(source)),
      identities.map(({ id }) => column(id)),
      identities.map(({ digest }) => digest),
    ]);
    const claimed = new Set(rows.map(identityKey));
    const before = await this.#digestsOf(
      tx,
      drafts.filter((draft) => !claimed.has(keyOf(draft))),
    );
    return drafts.map((draft) => {
      const key = keyOf(draft);
      if (claimed.has(key) && first.get(key) === draft) return 'new';
      const digest = before.get(key) ?? first.get(key)?.identity.digest;
      return digest?.equals(draft.identity.digest) ? 'duplicate' : 'conflict';
    });
  }

  override async append(tx: Tx, drafts: readonly Draft[]): Promise<PlacedEntry[]> {
    const placed = await this.#place(tx, drafts);
    await tx.query(INSERT_ENTRIES, columnsOf(placed));
    const seals = placed.flatMap(sealsBySubject);
    if (seals.length > 0) {
      await tx.query(INSERT_SEALS, [
        seals.map((seal) => seal.log),
        seals.map((seal) => seal.sequence),
        seals.map((seal) => column(seal.subject)),
        seals.map((seal) => seal.content),
      ]);
    }
    return placed;
  }

  async #place(tx: Tx, drafts: readonly Draft[]): Promise<PlacedEntry[]> {
    const counts = new Map<string, number>();
    for (const { log } of drafts) counts.set(log, (counts.get(log) ?? 0) + 1);
    const heads = await tx.query<Head>(ADVANCE, [[...counts.keys()], [...counts.values()]]);
    const next = new Map(
      heads.map(({ log_id, sequence, recorded }) => {
        const first = Number(sequence) - (counts.get(log_id) ?? 0) + 1;
        return [log_id, { sequence: first, recorded }];
      }),
    );
    return drafts.map((draft) => {
      const place = next.get(draft.log);
      if (!place) throw new Error(`the counter of ${draft.log} did not move`);
      return placeEntry(draft, { recorded: place.recorded, sequence: place.sequence++ });
    });
  }

  async #digestsOf(tx: Tx, drafts: readonly Draft[]): Promise<ReadonlyMap<string, Buffer>> {
    if (drafts.length === 0) return new Map();
    const sources = drafts.map(({ identity }) => column(identity.source));
    const ids = drafts.map(({ identity }) => column(identity.id));
    const rows = await tx.query<Identity & { digest: Buffer }>(CLAIMED_BEFORE, [sources, ids]);
    return new Map(rows.map((row) => [identityKey(row), row.digest]));
  }
}

interface Identity {
  readonly source: string;
  readonly id: string;
}
interface Head {
  readonly log_id: string;
  readonly sequence: string;
  readonly recorded: Date;
}

function identityKey({ source, id }: Identity): string {
  return `${source} ${id}`;
}

function keyOf({ identity: { source, id } }: Draft): string {
  return identityKey({ source: column(source), id: column(id) });
}

/** PostgreSQL's text has no NUL. Only columns are touched by this: the entry's bytes stay as they are. */
function column(text: string): string;
function column(text: string | null): string | null;
function column(text: string | null): string | null {
  return text === null ? null : text.replaceAll('\0', '\ufffd');
}

function columnsOf(placed: readonly PlacedEntry[]): unknown[][] {
  const of = (pick: (entry: PlacedEntry) => unknown) => placed.map(pick);
  const text = (pick: (body: PlacedEntry['draft']['body']) => string | null) =>
    placed.map(({ draft }) => column(pick(draft.body)));
  return [
    of(({ draft }) => draft.log),
    of(({ sequence }) => sequence),
    of(({ recorded }) => recorded.toISOString()),
    text(({ occurred }) => occurred),
    text(({ event }) => event.source),
    text(({ event }) => event.id),
    text(({ event }) => event.type),
    text(({ actor }) => actor.kind),
    text(({ actor }) => actor.id),
    text(({ action }) => action),
    text(({ target }) => target.kind),
    text(({ target }) => target.id),
    text(({ outcome }) => outcome),
    text(({ trace_id }) => trace_id),
    text(({ request_id }) => request_id),
    of(({ leafHash }) => leafHash),
    of(({ bytes }) => bytes),
  ];
}
