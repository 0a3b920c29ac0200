import { log } from '@gatehouse/telemetry';
import { Redis, type RedisOptions } from 'ioredis';

const RECONNECT_MAX_MS = 2_000;

export interface RedisSubscriptionOptions {
  readonly server: RedisOptions;
  readonly service: string;
  readonly channel: string;
  /** Must not throw. Messages that were published while the connection was away never come. */
  readonly onMessage: (message: string) => void;
}

/** Listens to one Pub/Sub channel on a connection of its own, and takes it up again whenever the connection comes back. */
export class RedisSubscription {
  readonly #redis: Redis;

  constructor({ server, service, channel, onMessage }: RedisSubscriptionOptions) {
    this.#redis = new Redis({
      ...server,
      lazyConnect: true,
      connectTimeout: 1_000,
      enableOfflineQueue: false,
      autoResubscribe: false,
      keepAlive: 1_000,
      retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, RECONNECT_MAX_MS) * (0.5 + Math.random() / 2),
      disableClientInfo: true,
      connectionName: `${service} subscription`,
    });
    this.#redis.on('error', (error) => log('redis-subscription').warn({ err: error }, 'redis_connection_failed'));
    this.#redis.on('message', (_channel, message) => onMessage(message));
    this.#redis.on('ready', () => {
      this.#redis
        .subscribe(channel)
        .catch((error: unknown) => log('redis-subscription').warn({ err: error }, 'redis_subscription_failed'));
    });
  }

  /** Connects, or keeps trying in the background where the server is away. */
  async open(): Promise<void> {
    await this.#redis.connect().catch(() => undefined);
  }

  close(): void {
    this.#redis.disconnect();
  }
}
