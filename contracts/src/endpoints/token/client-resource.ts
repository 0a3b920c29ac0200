import { z } from 'zod';
import { clientMetadata, clientPolicy } from '../../client-metadata.ts';
import { clientId } from '../../input-values.ts';
import { ifMatch } from '../authorization/resources.ts';

export { ifMatch };

/** Secrets themselves are stored as hashes: no answer shows one again. */
export const client = z.object({
  client_id: z.string(),
  metadata: clientMetadata,
  policy: clientPolicy,
  secrets: z
    .array(z.object({ id: z.string() }))
    .describe('live secrets, oldest first; two while one replaces the other'),
  disabled_at: z.iso.datetime().nullable(),
  version: z.int().positive().describe('raised by every change; the ETag is this number in quotes'),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type ClientResource = z.output<typeof client>;

/** A client with the secret that was made for it by this very request. */
export const clientWithSecret = client.extend({
  client_secret: z.string().optional().describe('shown once, where the request made one'),
});

export const clientPath = z.object({ client_id: clientId.regex(/\S/, 'is blank') });
const givenMetadata = clientMetadata
  .extend({
    response_types: clientMetadata.shape.response_types.unwrap().optional(),
    jwks: clientMetadata.shape.jwks.unwrap().strict().optional(),
  })
  .strict();
/** What an administrator decides about a client, as a whole; response_types follows from grant_types where it is left out. */
export const clientInput = z.strictObject({
  metadata: givenMetadata,
  policy: clientPolicy.strict().optional(),
});

const metadata = clientMetadata.parse({
  redirect_uris: ['https://engine.example/callback'],
  client_name: 'Analytical Engine',
  scope: 'openid email',
});
export const clientExample = {
  client_id: 'client-0198f0c27a527c3e9a600d6f4d1b2a04',
  metadata,
  policy: { first_party: false, pkce_required: true },
  secrets: [{ id: '9f86d081884c7d65' }],
  disabled_at: null,
  version: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};
