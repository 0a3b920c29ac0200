import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script that Redis runs as one step, with its name for traces and errors. */
export interface RedisScript<T> {
  readonly name: string;
  readonly lua: string;
  readonly sha: string;
  /** Turns Redis' reply into the result; throws where it is not what the script promises. */
  readonly parse: (reply: unknown) => T;
}

/**
 * Declares a script once. Its `KEYS` and `ARGV` are given at the call.
 *
 * @example
 * const increment = defineScript({
 *   name: 'increment-with-expiry',
 *   lua: `local n = redis.call('INCR', KEYS[1]) redis.call('PEXPIRE', KEYS[1], ARGV[1]) return n`,
 *   parse: Number,
 * });
 * const count = await redis.script(increment, [`token:attempts:${id}`], [60_000]);
 */
export function defineScript<T>(script: Omit<RedisScript<T>, 'sha'>): RedisScript<T> {
  return { ...script, sha: createHash('sha1').update(script.lua).digest('hex') };
}

/** Runs a script by its hash, and by its text where the server does not have it (a restart empties its memory). */
export async function runScript(
  redis: Redis,
  { sha, lua }: Pick<RedisScript<unknown>, 'sha' | 'lua'>,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return redis.eval(lua, keys.length, ...keys, ...args);
  }
}
