import { defineScript, RedisConnection } from '@gatehouse/cache';
import type { DataOf, tokenRevoked } from '@gatehouse/contracts';

/** The connection to Redis `state` over which revocations travel fast; everything goes on without it. */
export class RevocationRedis extends RedisConnection {}

/** The number of the last revocation, in Redis `state`. */
const HEAD_KEY = 'revocation:head';
/**
 * A head is worth something for this long after the database was asked for it. An instance that cannot reach Redis goes
 * on revoking, and its revocations are above the head there: so a head without an age would prove nothing.
 */
const LEASE_MS = 2_000;

/** The channel on which the issuer's revocations are announced; channels are shared by all databases of a server. */
export function revocationChannel(issuer: string): string {
  return `revocation:${issuer}`;
}

/** Redis' clock stamps the age, so that a writer which is frozen on its way cannot make an old head look new. */
const leaseHead = defineScript({
  name: 'lease-revocation-head',
  lua: `
    local time = redis.call('TIME')
    local left = ARGV[2] + ${LEASE_MS} - (time[1] * 1000 + math.floor(time[2] / 1000))
    local known = tonumber(redis.call('GET', KEYS[1]) or '-1')
    if left <= 0 or known > tonumber(ARGV[1]) then return 0 end
    if known == tonumber(ARGV[1]) and redis.call('PTTL', KEYS[1]) >= left then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', left)
    return 1`,
  parse: Number,
});

/** The head rises at once and keeps its age: readers then miss something, and ask for it. */
const announce = defineScript({
  name: 'announce-revocation',
  lua: `
    redis.call('PUBLISH', ARGV[3], ARGV[2])
    local known = tonumber(redis.call('GET', KEYS[1]) or '')
    if known and known < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'KEEPTTL') end
    return 1`,
  parse: Number,
});

/** The head of the revocations as Redis `state` has it: the token service writes it, every guard reads it. */
export class RevocationHead {
  constructor(private readonly redis: RevocationRedis) {}

  /** The head and the moment that it is known to be true of; undefined where Redis cannot tell. */
  async read(): Promise<{ number: number; asOfMs: number } | undefined> {
    const sentAtMs = performance.now();
    const replies = await this.redis.run((redis) => redis.multi().get(HEAD_KEY).pttl(HEAD_KEY).exec());
    const [number, leftMs] = (replies ?? []).map(([error, reply]) => (error ? null : reply));
    if (typeof number !== 'string' || typeof leftMs !== 'number' || leftMs <= 0) return undefined;
    return { number: Number(number), asOfMs: sentAtMs - (LEASE_MS - leftMs) };
  }

  /** Writes the head that `ask` finds in the database, with its age. */
  async renew(ask: () => Promise<number>): Promise<void> {
    const [seconds = 0, microseconds = 0] = await this.redis.run((redis) => redis.time());
    const head = await ask();
    const stampMs = Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
    await this.redis.script(leaseHead, [HEAD_KEY], [head, stampMs]);
  }

  /** Tells every guard of a committed revocation. */
  async announce(channel: string, revocation: DataOf<typeof tokenRevoked> & { number: number }): Promise<void> {
    await this.redis.script(announce, [HEAD_KEY], [revocation.number, JSON.stringify(revocation), channel]);
  }
}
