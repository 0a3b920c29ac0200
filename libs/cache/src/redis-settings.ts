import { integer, port, secret, secretUrl, setting, settings, text, type ConfigOf } from '@gatehouse/config';

/** The `cache` role: what is in it can be computed again, so it may evict. */
export const cacheRedisSettings = settings(
  {
    REDIS_HOST: setting(text(), { example: '127.0.0.1', description: 'Host of the Redis that caches; it may evict.' }),
    REDIS_PORT: setting(port().default(6379), { example: '6379', description: 'Port of that Redis.' }),
    REDIS_DB: setting(integer({ min: 0, max: 100_000 }).default(0), {
      example: '0',
      description: 'Number of the database in that Redis.',
    }),
    REDIS_USERNAME: setting(text().optional(), { example: 'token', description: "The service's own Redis user." }),
    REDIS_PASSWORD: setting(secret({ minLength: 8 }).optional(), {
      example: '(32 random characters)',
      description: 'Password of that user.',
    }),
  },
  { hardening: (config) => (config.REDIS_PASSWORD === undefined ? ['REDIS_PASSWORD is not set'] : []) },
);

/** The `state` role: rate limits, replay sets, budgets; losing an entry would allow what is forbidden. */
export const stateRedisSettings = settings(
  {
    STATE_REDIS_URL: setting(secretUrl(['redis:', 'rediss:']), {
      example: 'redis://token:PASSWORD@127.0.0.1:6379/0',
      description: 'The Redis that keeps state: noeviction, append-only file.',
    }),
  },
  {
    hardening: (config) =>
      URL.parse(config.STATE_REDIS_URL.reveal())?.password ? [] : ['STATE_REDIS_URL has no password'],
  },
);

export type CacheRedisSettings = ConfigOf<typeof cacheRedisSettings>;
export type StateRedisSettings = ConfigOf<typeof stateRedisSettings>;
