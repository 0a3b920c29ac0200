import { auditLogId, instant } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { z } from 'zod';

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
  const [recorded, log, sequence] = parts as unknown[];
  return {
    recorded: parsedBy(instant, recorded),
    log: parsedBy(auditLogId, log),
    sequence: parsedBy(z.int(), sequence),
  };
}

function parsedBy<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw invalid();
  return result.data;
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
