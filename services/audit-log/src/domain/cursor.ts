import { auditLogId, instant } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';

/** An entry's position in the order of a search. */
export interface Position {
  /** ISO 8601, to the millisecond. */
  readonly recorded: string;
  readonly log: string;
  readonly sequence: number;
}

/** Opaque to callers; says nothing that the entry itself does not say. */
export function encodeCursor({ recorded, log, sequence }: Position): string {
  return Buffer.from(JSON.stringify([recorded, log, sequence])).toString('base64url');
}

/** Throws `invalid-input` for text that no search has answered with. */
export function decodeCursor(cursor: string): Position {
  const parts = parsed(cursor);
  if (!Array.isArray(parts)) throw invalid();
  const [recorded, log, sequence] = [instant.safeParse(parts[0]), auditLogId.safeParse(parts[1]), parts[2] as unknown];
  if (!recorded.success || !log.success || !Number.isSafeInteger(sequence)) throw invalid();
  return { recorded: recorded.data, log: log.data, sequence: sequence as number };
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw invalid();
  }
}

function invalid(): Problem {
  return new Problem('invalid-input', { errors: [{ parameter: 'cursor', detail: 'is not a cursor of this search' }] });
}
