import { defineScript } from '@gatehouse/cache';
import type { Taken, Taking } from './token-bucket.ts';

/**
 * `takeFrom` of `token-bucket.ts` in one step on the server, by the server's clock. A bucket is the text
 * `used:atMs:markUntilMs:markId`; numbers are written by `%.0f`, because Lua would write large ones as `1e+14`.
 */
const lua = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local buckets, allowed, wait = {}, 1, 0
for i, key in ipairs(KEYS) do
  local a = (i - 1) * 5
  local limit, window, burst = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  local mark, markMs = ARGV[a + 4], tonumber(ARGV[a + 5])
  local used, at, markUntil, markId = 0, now, 0, ''
  local value = redis.call('GET', key)
  if value then
    local u, t, m, id = string.match(value, '^(%d+):(%d+):(%d+):(.*)$')
    used, at, markUntil, markId = tonumber(u), tonumber(t), tonumber(m), id
  end
  local capacity = burst * window
  used = math.max(0, math.min(used, capacity) - math.max(0, now - at) * limit)
  local free = mark ~= '' and mark == markId and now < markUntil
  local fits = free or used + window <= capacity
  if not fits then allowed = 0 end
  buckets[i] = { limit, window, burst, used, free, fits, mark, markMs, markId, markUntil }
end
local reply = { allowed, 0 }
for i, key in ipairs(KEYS) do
  local limit, window, burst, used, free, fits, mark, markMs, markId, markUntil = unpack(buckets[i])
  if allowed == 1 then
    if not free then
      used = used + window
      if mark ~= '' then markId, markUntil = mark, now + markMs end
    end
    local kept = math.max(1, math.ceil(used / limit), markUntil - now)
    local value = string.format('%.0f:%.0f:%.0f:', used, now, markUntil) .. markId
    redis.call('SET', key, value, 'PX', string.format('%.0f', kept))
  end
  local remaining = math.floor((burst * window - used) / window)
  local nextMs = 0
  if used > 0 then nextMs = math.ceil((used - (burst - remaining - 1) * window) / limit) end
  if not fits then wait = math.max(wait, nextMs) end
  reply[2 * i + 1], reply[2 * i + 2] = remaining, nextMs
end
reply[2] = wait
return reply
`;

/** Takes one token from the bucket of each key; `argumentsOf` gives the arguments. */
export const take = defineScript<Taken>({ name: 'take-tokens', lua, parse });

/** Five for each bucket. */
export function argumentsOf(takings: readonly Taking[]): (string | number)[] {
  const values: (string | number)[] = [];
  for (const { rule, mark } of takings)
    values.push(rule.limit, rule.windowMs, rule.burst, mark?.id ?? '', mark?.forMs ?? 0);
  return values;
}

function parse(reply: unknown): Taken {
  const numbers = reply as number[]; // -- what the script returns, checked in the next line
  if (!Array.isArray(reply) || reply.length < 4 || !numbers.every(Number.isInteger))
    throw new Error('take-tokens: an answer that the script does not give');
  const states = [];
  for (let i = 2; i < numbers.length; i += 2) states.push({ remaining: numbers[i] ?? 0, nextMs: numbers[i + 1] ?? 0 });
  return { allowed: numbers[0] === 1, waitMs: numbers[1] ?? 0, states };
}
