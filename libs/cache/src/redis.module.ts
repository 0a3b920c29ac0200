import type { Environment } from '@gatehouse/config';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { log } from '@gatehouse/telemetry';
import { Module, type DynamicModule } from '@nestjs/common';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';
import type { CacheRedisSettings, StateRedisSettings } from './redis-settings.ts';

/** The Redis that caches. The service goes on without it. */
export class CacheRedis extends RedisConnection {}

/** The Redis that keeps state. Without it the service takes no traffic, unless it has something to stand in for it. */
export class StateRedis extends RedisConnection {}

const STATE_POLICY = 'noeviction';

/** Provides `CacheRedis` and `StateRedis`, each connected, watched by health and closed at shutdown. */
@Module({})
export class RedisModule {
  static forCache(service: string, settings: CacheRedisSettings): DynamicModule {
    const options = (): RedisConnectionOptions => ({
      role: 'cache',
      service,
      required: false,
      server: {
        host: settings.REDIS_HOST,
        port: settings.REDIS_PORT,
        db: settings.REDIS_DB,
        username: settings.REDIS_USERNAME,
        password: settings.REDIS_PASSWORD?.reveal(),
      },
    });
    return provide(CacheRedis, options);
  }

  /**
   * In production an evicting server is fatal: it would forget who is over a limit, or that a code was used. With `required`
   * off the service stays ready without it, and only what needs it answers 503.
   */
  static forState(
    service: string,
    settings: StateRedisSettings & { readonly GATEHOUSE_ENV: Environment },
    { required = true }: { readonly required?: boolean } = {},
  ): DynamicModule {
    const options = (shutdown: Shutdown): RedisConnectionOptions => ({
      role: 'state',
      service,
      required,
      // What requests ask in the same turn of the event loop goes out in one write.
      server: { ...serverOf(settings.STATE_REDIS_URL.reveal()), enableAutoPipelining: true },
      onPolicy: (policy) => {
        if (policy === STATE_POLICY) return;
        const error = new Error(`redis-state has maxmemory-policy ${policy}; it must be ${STATE_POLICY}`);
        if (settings.GATEHOUSE_ENV === 'production') shutdown.fatal('redis-state may evict', error);
        else log('redis-state').warn({ policy }, 'redis_state_may_evict');
      },
    });
    return provide(StateRedis, options);
  }
}

function provide(
  token: typeof CacheRedis | typeof StateRedis,
  options: (shutdown: Shutdown) => RedisConnectionOptions,
): DynamicModule {
  const connect = async (health: Health, shutdown: Shutdown) => {
    const redis = new token(options(shutdown));
    health.add(redis);
    shutdown.on('pools', redis.name, () => redis.close());
    await redis.connect();
    return redis;
  };
  return {
    module: RedisModule,
    global: true,
    providers: [{ provide: token, inject: [Health, Shutdown], useFactory: connect }],
    exports: [token],
  };
}

/** Where and as whom a `redis:` or `rediss:` URL connects. */
export function serverOf(address: string) {
  const url = new URL(address);
  return {
    host: url.hostname,
    port: Number(url.port || '6379'),
    db: Number(url.pathname.slice(1) || '0'),
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    ...(url.protocol === 'rediss:' && { tls: {} }),
  };
}
