import fc from 'fast-check';
import {
  isPublished,
  JWKS_MAX_AGE_S,
  mayActivateAt,
  nextOf,
  planRotation,
  signerOf,
  stateOf,
  type KeyPolicy,
  type KeyTimes,
} from './key-lifecycle.ts';
import { ACCESS_TOKEN_LIFETIME_S } from './token-claims.ts';

const HOUR_MS = 3_600_000;
const policy: KeyPolicy = { algorithms: ['ES256'], lifetimeMs: HOUR_MS };
const at = (ms: number) => new Date(1_800_000_000_000 + ms);

let created = 0;
const fresh: KeyTimes = {
  kid: '',
  algorithm: 'ES256',
  publishedAt: at(0),
  activeFrom: at(0),
  retiringFrom: null,
  goneAt: null,
  revokedAt: null,
};
/** The rows after everything that is due was written. */
function settle(keys: readonly KeyTimes[], now: Date, by = policy, plan = planRotation): KeyTimes[] {
  const rows = new Map(keys.map((key) => [key.kid, key]));
  for (const due of plan(keys, by, now)) {
    const { kind, ...values } = due;
    const kid = due.kind === 'create' ? `key-${String(created++).padStart(4, '0')}` : due.kid;
    if (kind === 'remove') rows.delete(kid);
    else rows.set(kid, { ...(rows.get(kid) ?? fresh), kid, ...values });
  }
  return [...rows.values()];
}
const states = (keys: readonly KeyTimes[], now: Date) => keys.map((key) => stateOf(key, keys, now));

test('the first key signs at once, and the next is published with it', () => {
  const keys = settle([], at(0));
  expect(states(keys, at(0))).toEqual(['active', 'pre-published']);
  expect(nextOf(keys, 'ES256', at(0))?.activeFrom).toEqual(at(HOUR_MS));
});

test('each algorithm has keys of its own, and one that is not listed has none', () => {
  const keys = settle([], at(0), { ...policy, algorithms: ['ES256', 'PS256'] });
  expect(keys.map(({ algorithm }) => algorithm)).toEqual(['ES256', 'ES256', 'PS256', 'PS256']);
  expect(signerOf(keys, 'RS256', at(0))).toBeUndefined();
});

test('nothing is left to do after it was done, so any instance may do it at any time', () => {
  const once = settle([], at(0));
  expect(planRotation(once, policy, at(1_000))).toEqual([]);
  const rotated = settle(once, at(HOUR_MS));
  expect(planRotation(rotated, policy, at(HOUR_MS))).toEqual([]);
});

test('a key goes from pre-published over active and retiring to gone', () => {
  const keys = settle([], at(0));
  const kid = keys[1]!.kid;
  const history = new Set<string>();
  let rows = keys;
  for (let ms = 0; ms < 3 * HOUR_MS; ms += 60_000) {
    rows = settle(rows, at(ms));
    const key = rows.find((row) => row.kid === kid);
    history.add(key ? stateOf(key, rows, at(ms)) : 'gone');
  }
  expect([...history]).toEqual(['pre-published', 'active', 'retiring', 'gone']);
});

test('the next key signs at its time whether or not anyone has written so, also on a clock that differs', () => {
  const keys = settle([], at(0));
  expect(signerOf(keys, 'ES256', at(HOUR_MS))?.kid).toBe(keys[1]?.kid);
  const rotated = settle(keys, at(HOUR_MS));
  expect(signerOf(rotated, 'ES256', at(HOUR_MS - 30_000))?.kid).toBe(keys[1]?.kid);
  expect(planRotation(rotated, policy, at(HOUR_MS - 30_000))).toEqual([]);
});

test('where the key that signs is revoked, the next signs at once, and that is written with a new next one', () => {
  const keys = settle([], at(0)).map((key, index) => (index === 0 ? { ...key, revokedAt: at(9), goneAt: at(9) } : key));
  const next = keys[1]!;
  expect(signerOf(keys, 'ES256', at(10))?.kid).toBe(next.kid);
  expect(planRotation(keys, policy, at(10))).toEqual([
    { kind: 'activate', kid: next.kid, activeFrom: at(10) },
    { kind: 'create', algorithm: 'ES256', publishedAt: at(10), activeFrom: at(HOUR_MS + 10) },
  ]);
  expect(states(keys, at(10))).toEqual(['revoked', 'active']);
});

type Plan = typeof planRotation;
const days = fc.array(fc.integer({ min: 1_000, max: 40 * 60_000 }), { minLength: 5, maxLength: 60 });

/** Lets time pass in arbitrary steps; throws where a key signs too early, leaves too early, or nothing signs. */
function checkLives(plan: Plan, steps: readonly number[]): void {
  let rows: KeyTimes[] = [];
  let nowMs = 0;
  // Nobody has a JWKS without the very first key.
  let first: string | undefined;
  const lastSigned = new Map<string, number>();
  for (const step of steps) {
    nowMs += step;
    const now = at(nowMs);
    rows = settle(rows, now, policy, plan);
    const signer = signerOf(rows, 'ES256', now);
    if (!signer) throw new Error('nothing signs');
    lastSigned.set(signer.kid, nowMs);
    first ??= signer.kid;
    if (signer.kid !== first && nowMs - (signer.publishedAt.getTime() - at(0).getTime()) < JWKS_MAX_AGE_S * 1_000)
      throw new Error('a key signs that a client may not have');
    for (const [kid, ms] of lastSigned) {
      const published = rows.some((key) => key.kid === kid && isPublished(key, now));
      if (!published && nowMs - ms < ACCESS_TOKEN_LIFETIME_S * 1_000)
        throw new Error('a key is gone before its tokens');
    }
  }
}
describe('however late and however often it is looked at', () => {
  test('no key signs before everyone can have it, and none leaves before its last token has expired', () => {
    fc.assert(fc.property(days, (steps) => checkLives(planRotation, steps)));
  });

  test('negative control: a plan that activates what it creates is caught by the same check', () => {
    const hasty: Plan = (keys, _, now) => {
      const signer = signerOf(keys, 'ES256', now);
      const over = !signer || now.getTime() - signer.activeFrom.getTime() >= HOUR_MS;
      return over ? [{ kind: 'create', algorithm: 'ES256', publishedAt: now, activeFrom: now }] : [];
    };
    const outcome = fc.check(fc.property(days, (steps) => checkLives(hasty, steps)));
    expect(outcome.errorInstance).toEqual(new Error('a key signs that a client may not have'));
  });

  test('negative control: a plan that takes a key away with its retirement is caught by the same check', () => {
    const stingy: Plan = (keys, by, now) =>
      planRotation(keys, by, now).map((due) => (due.kind === 'retire' ? { ...due, goneAt: due.retiringFrom } : due));
    const outcome = fc.check(fc.property(days, (steps) => checkLives(stingy, steps)));
    expect(outcome.errorInstance).toEqual(new Error('a key is gone before its tokens'));
  });
});

test('a key may be activated by hand only when it has been published longer than anyone keeps the JWKS', () => {
  expect(mayActivateAt(fresh).getTime() - fresh.publishedAt.getTime()).toBeGreaterThan(JWKS_MAX_AGE_S * 1_000);
});
