import { z } from 'zod';
import { uuid } from './input-values.ts';

const subjectId = z
  .string()
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'must be 1 to 255 printable ASCII characters without spaces');

/** One spelling for each account: a user's id that is a UUID is in lower case. A client's id stays as it is written. */
export function canonicalSubjectId(type: 'user' | 'client', id: string): string {
  return type === 'user' ? (uuid.safeParse(id).data ?? id) : id;
}

/** The id of a person's account. */
export const userId = subjectId.overwrite((id) => canonicalSubjectId('user', id)).describe('account id');

/** Who can hold a grant: a person's account or an OAuth client. */
export const subject = z
  .strictObject({ type: z.enum(['user', 'client']), id: subjectId.describe('account id or client id') })
  .overwrite(({ type, id }) => ({ type, id: canonicalSubjectId(type, id) }));
export type Subject = z.output<typeof subject>;

const SEGMENT = '[A-Za-z0-9][A-Za-z0-9_.-]*';

/** The name of one permission: `resource:action`, no wildcard. */
export const permissionName = z
  .string()
  .max(100)
  .regex(new RegExp(`^${SEGMENT}:${SEGMENT}$`), 'must be resource:action, without wildcards');

/** What a role or a grant may carry: a permission's name, or a pattern in which `*` stands for one whole segment. */
export const permissionPattern = z
  .string()
  .max(100)
  .regex(new RegExp(`^(\\*|(${SEGMENT}|\\*):(${SEGMENT}|\\*))$`), 'must be resource:action, * may stand for a segment')
  .describe('`*` alone means `*:*`; a wildcard never covers a platform permission');

/** `deny` wins over every `allow`. */
export const effect = z.enum(['allow', 'deny']);

/**
 * The epochs that a change raised. Whoever keeps permissions of an older epoch keeps stale ones: the catalog's epoch concerns
 * everybody, the organisation's its subjects, the subject's that one subject in that organisation.
 */
export const raisedEpochs = z.object({
  catalog: z.int().positive().optional(),
  organization: z.int().positive().optional(),
  subject: z.int().positive().optional(),
});
export type RaisedEpochs = z.output<typeof raisedEpochs>;

/** Text that people read, in characters: trimmed, not empty, no control characters, no unpaired surrogates. */
export const readableText = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'must not contain control characters');
export const displayName = readableText(200);
