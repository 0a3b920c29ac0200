import { z } from 'zod';

/** What a token can be signed with (RFC 7518 3.1, RFC 8037 3.1). */
export const signingAlgorithm = z.enum(['ES256', 'RS256', 'PS256', 'EdDSA']);
