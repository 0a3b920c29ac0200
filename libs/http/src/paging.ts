import { Problem } from '@gatehouse/problem';

/** One stretch of a list that is ordered by a unique text key. */
export interface PageRequest {
  readonly limit: number;
  /** The last key of the page before; null asks for the first page. */
  readonly after: string | null;
}
export interface ListPage<T> {
  readonly items: T[];
  readonly next_cursor: string | null;
}

/** The wish of a caller. Throws `invalid-input` where the cursor is not one of ours, as `isKey` tells. */
export function pageRequest(
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  isKey: (key: string) => boolean,
): PageRequest {
  if (cursor === undefined) return { limit, after: null };
  const after = Buffer.from(cursor, 'base64url').toString();
  if (isKey(after)) return { limit, after };
  throw new Problem('invalid-input', { errors: [{ parameter: 'cursor', detail: 'must be a next_cursor' }] });
}

/** The page that `rows` make, of which there is one more than asked for unless the list ends. */
export function pageOf<T>(rows: readonly T[], limit: number, keyOf: (row: T) => string): ListPage<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, next_cursor: hasMore ? Buffer.from(keyOf(last)).toString('base64url') : null };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isUuid = (key: string) => UUID.test(key);
export const isPrintable = (key: string) => /^[\x21-\x7e]{1,255}$/.test(key);
