import type { SealedValue } from '../domain/commitment.ts';
import type { PlacedEntry } from '../domain/place-entry.ts';

/** The personal values of one entry and one person, as they are stored. */
export interface SealRow {
  readonly log: string;
  readonly sequence: number;
  /** Empty where nobody is known. */
  readonly subject: string;
  /** The seam for encryption: all of one person's values of one entry, to be enciphered with that person's key. */
  readonly content: Buffer;
}

interface StoredValue {
  readonly pointer: string;
  /** Base64url. */
  readonly salt: string;
  readonly value: unknown;
}

/** One row for each person whose values an entry keeps apart. */
export function sealsBySubject({ draft, sequence }: PlacedEntry): SealRow[] {
  const bySubject = Map.groupBy(draft.seals, (seal) => seal.subject ?? '');
  return [...bySubject].map(([subject, seals]) => ({ log: draft.log, sequence, subject, content: encode(seals) }));
}

function encode(seals: readonly SealedValue[]): Buffer {
  const values = seals.map(({ pointer, salt, value }) => ({ pointer, salt: salt.toString('base64url'), value }));
  return Buffer.from(JSON.stringify(values satisfies StoredValue[]));
}

/** The values that a stored row holds. */
export function openSeal({ subject, content }: Pick<SealRow, 'subject' | 'content'>) {
  const values = JSON.parse(content.toString()) as StoredValue[];
  return values.map((value) => ({ ...value, subject: subject || null }));
}
