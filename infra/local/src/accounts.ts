import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';

/**
 * The keys that each service may touch, in both Redis servers: its own name's, for permissions the published `auth:`, and
 * for revocations `revocation:`, which token writes and everyone reads.
 */
export const redisKeyPatterns: Readonly<Record<Service, readonly string[]>> = {
  token: ['token:*', 'revocation:*'],
  authorization: ['authorization:*', 'auth:*', 'revocation:*'],
  'audit-log': ['audit-log:*', 'revocation:*'],
  'email-verification': ['email-verification:*', 'revocation:*'],
};

/** Kafka principals: one for each service, `admin` for the operator's tool, `observer` that reads and never writes. */
export const kafkaPrincipals = [...services, 'admin', 'observer'] as const;
export type KafkaPrincipal = (typeof kafkaPrincipals)[number];

/** Redis users: one for each service, and `admin`. */
export const redisUsers = [...services, 'admin'] as const;
export type RedisUser = (typeof redisUsers)[number];
