import { RedisConnection } from '@gatehouse/cache';
import { FaultProxy, type Suite } from '@gatehouse/testing';
import { Rules } from './rules.ts';

/** The token service's own Redis user in this suite, through a proxy that can fail. */
export class TestRedis {
  private constructor(
    readonly proxy: FaultProxy,
    private readonly url: URL,
  ) {}

  static async start(suite: Suite): Promise<TestRedis> {
    const url = new URL(suite.env('token').STATE_REDIS_URL ?? '');
    return new TestRedis(await FaultProxy.start({ port: Number(url.port) }), url);
  }

  /** A connection as a service instance has it. */
  async connect(): Promise<RedisConnection> {
    const { username, password, pathname } = this.url;
    const at = { host: this.proxy.host, port: this.proxy.port, db: Number(pathname.slice(1)) };
    const server = { ...at, username, password, enableAutoPipelining: true };
    const redis = new RedisConnection({ role: 'state', service: 'token', required: false, server });
    await redis.connect();
    return redis;
  }
}

export function rulesOf(...rules: object[]): { rules: Rules } {
  return { rules: Rules.parse(JSON.stringify({ rules })) };
}
