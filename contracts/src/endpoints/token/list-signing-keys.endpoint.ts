import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { signingKeysManage } from '../../permissions.ts';
import { signingAlgorithm } from '../../signing-algorithm.ts';

const instant = z.iso.datetime();
const signingKey = z.object({
  kid: z.string(),
  algorithm: signingAlgorithm,
  state: z.enum(['pre-published', 'active', 'retiring', 'gone', 'revoked']),
  published_at: instant,
  active_from: instant.describe('when it began to sign, or will'),
  retiring_from: instant.nullable(),
  gone_at: instant.nullable(),
  revoked_at: instant.nullable(),
});

/** The latest 200 keys that sign tokens, newest first, those that are gone or revoked included. */
export const listSigningKeys = defineEndpoint({
  id: 'token.list-signing-keys',
  service: 'token',
  method: 'GET',
  path: '/api/v1/keys',
  access: { permission: signingKeysManage },
  summary: 'List the signing keys.',
  input: {},
  success: { status: 200, body: z.object({ items: z.array(signingKey) }) },
  errors: [],
});
