export { CircuitBreaker, CircuitOpen } from './circuit-breaker.ts';
export type { CircuitBreakerOptions } from './circuit-breaker.ts';
export { RedisConnection, RedisUnavailable } from './redis-connection.ts';
export type { RedisConnectionOptions, RedisRole } from './redis-connection.ts';
export { CacheRedis, RedisModule, StateRedis } from './redis.module.ts';
export { defineScript } from './redis-script.ts';
export type { RedisScript } from './redis-script.ts';
export { cacheRedisSettings, stateRedisSettings } from './redis-settings.ts';
export type { CacheRedisSettings, StateRedisSettings } from './redis-settings.ts';
