import { randomUUID } from 'node:crypto';
import type { HealthPart } from '@gatehouse/lifecycle';
import { Problem } from '@gatehouse/problem';
import { counter, gauge, log } from '@gatehouse/telemetry';
import { Redis, type RedisOptions } from 'ioredis';
import { CircuitBreaker, CircuitOpen } from './circuit-breaker.ts';
import { runScript, type RedisScript } from './redis-script.ts';

export type RedisRole = 'cache' | 'state';

export interface RedisConnectionOptions {
  readonly role: RedisRole;
  /** The service; its keys start with `<service>:`. */
  readonly service: string;
  /** Where and as whom. */
  readonly server: RedisOptions;
  /** A command without a reply after this long has failed. */
  readonly commandTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Whether the service takes no traffic while this Redis is away. */
  readonly required: boolean;
  /** Called at every connection with the server's eviction policy. */
  readonly onPolicy?: (policy: string) => void;
}

const FAILURES_MAX = 5;
const OPEN_MS = 1_000;
const RECONNECT_MAX_MS = 2_000;

/** This Redis is away or too slow. A cache's caller goes on without it; from anyone else it is a 503. */
export class RedisUnavailable extends Problem {
  override readonly name = 'RedisUnavailable';

  constructor(role: RedisRole, cause: unknown) {
    super('dependency-unavailable', {
      retryAfterSeconds: 1,
      cause: new Error(`redis-${role} is not available`, { cause }),
    });
  }
}

/**
 * One connection to one Redis. Nothing ever waits for it: commands have a deadline, none is queued while it is away or
 * sent again after a lost reply (it may have been carried out), and a circuit breaker makes trouble cost nothing.
 */
export class RedisConnection implements HealthPart {
  readonly name: string;
  readonly #redis: Redis;
  readonly #breaker = new CircuitBreaker({ failuresMax: FAILURES_MAX, openMs: OPEN_MS });
  readonly #commands = counter({
    name: 'redis_commands_total',
    help: 'Commands by outcome: ok, refused by the server, failed, or not sent because the circuit was open.',
    labels: ['role', 'outcome'],
  });

  constructor(private readonly options: RedisConnectionOptions) {
    this.name = `redis-${options.role}`;
    const commandTimeoutMs = options.commandTimeoutMs ?? 250;
    this.#redis = new Redis({
      ...options.server,
      lazyConnect: true,
      connectTimeout: options.connectTimeoutMs ?? 1_000,
      commandTimeout: commandTimeoutMs,
      // A connection whose other end has gone silently is replaced.
      socketTimeout: 4 * commandTimeoutMs,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, RECONNECT_MAX_MS) * (0.5 + Math.random() / 2),
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
      disableClientInfo: true,
      connectionName: options.service,
    });
    this.#redis.on('error', (error) => log(this.name).warn({ err: error }, 'redis_connection_failed'));
    this.#redis.on('ready', () => void this.#checkPolicy());
    gauge({
      name: 'redis_circuit_open',
      help: '1 while commands are not sent.',
      labels: ['role'],
      collect: (metric) => metric.set({ role: options.role }, this.#breaker.open ? 1 : 0),
    });
  }

  /** Connects, or keeps trying in the background where the server is away. */
  async connect(): Promise<void> {
    await this.#redis.connect().catch(() => undefined);
  }

  /** Runs commands. Throws `RedisUnavailable`, or Redis' own error where the server refused the command. */
  async run<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      const result = await this.#breaker.run(() => work(this.#redis), isFailure);
      this.#commands.inc({ role: this.options.role, outcome: 'ok' });
      return result;
    } catch (error) {
      this.#commands.inc({ role: this.options.role, outcome: outcomeOf(error) });
      throw isFailure(error) || error instanceof CircuitOpen ? new RedisUnavailable(this.options.role, error) : error;
    }
  }

  /** Runs a named Lua script; see `defineScript`. */
  async script<T>(
    script: RedisScript<T>,
    keys: readonly string[],
    args: readonly (string | number)[] = [],
  ): Promise<T> {
    return script.parse(await this.run((redis) => runScript(redis, script, keys, args)));
  }

  ready(): true | string {
    if (!this.options.required) return true;
    if (this.#redis.status !== 'ready') return 'not connected';
    return this.#breaker.open ? 'the circuit is open' : true;
  }

  /** Writes, reads and deletes a key of its own. */
  async exercise(): Promise<void> {
    const key = `${this.options.service}:health:${randomUUID()}`;
    const read = await this.run(async (redis) => {
      await redis.set(key, key, 'PX', 5_000);
      const value = await redis.get(key);
      await redis.del(key);
      return value;
    });
    if (read !== key) throw new Error('a key that was just written could not be read');
  }

  /** Waits for replies that are under way, then closes. */
  async close(): Promise<void> {
    await this.#redis.quit().catch(() => undefined);
    this.#redis.disconnect();
  }

  async #checkPolicy(): Promise<void> {
    try {
      const memory = await this.#redis.info('memory');
      const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
      if (policy !== undefined) this.options.onPolicy?.(policy);
    } catch (error) {
      log(this.name).warn({ err: error }, 'redis_policy_unknown');
    }
  }
}

/** A server that is loading, a replica, or without its master is away, though it answers. */
const awayReplies = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/;

/** Whether it is the server that is in trouble, and not the command that is wrong. */
function isFailure(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof CircuitOpen) return false;
  return error.name !== 'ReplyError' || awayReplies.test(error.message);
}

function outcomeOf(error: unknown): string {
  if (error instanceof CircuitOpen) return 'not_sent';
  return isFailure(error) ? 'failed' : 'refused';
}
