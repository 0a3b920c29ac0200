import { canonicalJson, canonicalObject } from './canonical-json.ts';
import { MAX_ENTRY_BYTES, type Draft } from './draft-entry.ts';
import { leafHash } from './leaf.ts';

/** Where an entry stands in its log. */
export interface Place {
  readonly sequence: number;
  readonly recorded: Date;
}

/** An entry as it is kept for ever: its exact bytes are the leaf. */
export interface PlacedEntry extends Place {
  readonly draft: Draft;
  readonly bytes: Buffer;
  readonly leafHash: Buffer;
}

/** Fixes the bytes and the hash of an entry. Throws RangeError for one that the topic could not carry. */
export function placeEntry(draft: Draft, { sequence, recorded }: Place): PlacedEntry {
  const members = {
    ...draft.members,
    log: canonicalJson(draft.log),
    sequence: canonicalJson(sequence),
    recorded: canonicalJson(recorded.toISOString()),
  };
  const bytes = Buffer.from(canonicalObject(members));
  if (bytes.length > MAX_ENTRY_BYTES) throw new RangeError(`an entry of ${bytes.length} bytes is too large`);
  return { draft, sequence, recorded, bytes, leafHash: leafHash(bytes) };
}
