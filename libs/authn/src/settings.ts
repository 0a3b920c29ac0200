import { flag, integer, secret, secretKey, setting, settings } from '@gatehouse/config';
import type { ConfigOf } from '@gatehouse/config';
import { z } from 'zod';

/** The service's own OAuth client, with which it calls other services. */
export const serviceClientSettings = settings({
  SERVICE_CLIENT_ID: setting(z.string().min(1).max(200), {
    example: 'audit-log',
    description: "The service's own OAuth client.",
  }),
  SERVICE_CLIENT_SECRET: setting(secret(), { example: 'cs-8d02…', description: 'Secret of that client.' }),
});
export type ServiceClientSettings = ConfigOf<typeof serviceClientSettings>;

/** What every service that verifies DPoP proofs has; the same nonce key for all of them. */
export const dpopSettings = settings({
  DPOP_NONCE_KEY: setting(secretKey(), {
    example: '44 characters of base64',
    description: 'Makes the nonces of DPoP proofs (RFC 9449 8); the same for every instance and service.',
  }),
  DPOP_REQUIRE_NONCE: setting(flag().default(true), {
    example: 'true',
    description: 'Whether a DPoP proof needs a nonce of ours; without one it could have been made in advance.',
  }),
  DPOP_PROOF_AGE_SECONDS_MAX: setting(integer({ min: 30, max: 60 }).default(60), {
    example: '60',
    description: 'How old a DPoP proof may be, in seconds.',
  }),
  DPOP_PROOF_AHEAD_SECONDS_MAX: setting(integer({ min: 0, max: 10 }).default(10), {
    example: '10',
    description: 'How far the clock of a client may be ahead of ours, in seconds.',
  }),
});
export type DpopSettings = ConfigOf<typeof dpopSettings>;
