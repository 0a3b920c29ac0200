import { z } from 'zod';
import { text, uuid } from '../../input-values.ts';

/** Which flow; the token service made the id and gave it to the browser that asked. */
export const flowPath = z.object({ flow_id: uuid.describe('id of the flow') });

/** The link token of a mail: 256 bits, base64url. */
export const linkToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be the whole link of the mail');

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The code of a mail as a person types it: any case, with blanks and hyphens anywhere, O for 0, I and L for 1
 * (Crockford's base 32, which has no such letters). Parses to its 8 characters. Anything else is not a code, and is
 * refused before it could cost an attempt.
 */
export const verificationCode = text(64)
  .transform((typed) => typed.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1'))
  .refine((code) => code.length === 8 && [...code].every((character) => ALPHABET.includes(character)), {
    error: 'must be the 8 characters of the mail',
  });

/** Where a flow stands. A flow that nobody knows is pending too: it may be on its way. */
export const verificationState = z.enum(['pending', 'confirmed', 'expired', 'locked']);
export type VerificationState = z.output<typeof verificationState>;
