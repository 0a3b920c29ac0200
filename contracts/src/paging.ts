import { z } from 'zod';
import { text } from './input-values.ts';

/** Query of every list: how many items, and where the last page ended. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: text(500).optional().describe('next_cursor of the page before; opaque'),
});

/** One page of a list; `next_cursor` is null on the last one. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}
