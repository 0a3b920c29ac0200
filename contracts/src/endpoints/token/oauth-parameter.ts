import { z } from 'zod';

/** One OAuth parameter: sent at most once, and absent when it is empty (RFC 6749 3.1). */
export function oauthParameter(maxLength: number) {
  return z
    .string()
    .max(maxLength)
    .transform((value) => value || undefined)
    .optional();
}

/** `resource` (RFC 8707 2), the one parameter that may be repeated. */
export const resourceParameter = z
  .union([z.string().max(512), z.array(z.string().max(512)).max(16)])
  .transform((value) => [value].flat().filter((resource) => resource !== ''))
  .optional()
  .describe('URL of the service that the token is for; may be repeated');
