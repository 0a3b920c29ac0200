import { CLOCK_DIFFERENCE_MAX_S } from './revocation.ts';
import { ACCESS_TOKEN_LIFETIME_S } from './token-claims.ts';
import type { SigningAlgorithm } from '@gatehouse/contracts';

/** How long anyone may keep the JWKS: its `max-age`. */
export const JWKS_MAX_AGE_S = 300;
/** How long an instance may go on with the keys that it read last. */
export const KEYS_REREAD_S = 5;
/** How long an instance may go on giving the JWKS that it made last (libs/http, `SHARED_ANSWER_KEPT_MS`). */
export const JWKS_KEPT_S = 1;

/**
 * A key signs only after it has been published this long, so that whoever verifies has it: the oldest JWKS that may still
 * be in use, read from an instance that had not seen the key yet, whose clock is behind.
 */
const PUBLISHED_AHEAD_MS = (JWKS_MAX_AGE_S + JWKS_KEPT_S + KEYS_REREAD_S + CLOCK_DIFFERENCE_MAX_S) * 1_000;
/** A key stays published this long after another took over: the last token that it signed has expired by then. */
const RETIRING_MS = (ACCESS_TOKEN_LIFETIME_S + KEYS_REREAD_S + CLOCK_DIFFERENCE_MAX_S) * 1_000;

/** The instants of a key, from which its state follows: instances that read the same rows agree without talking. */
export interface KeyTimes {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly publishedAt: Date;
  /** When it begins to sign, unless another of its algorithm begins later and is due as well. */
  readonly activeFrom: Date;
  /** When another key took over; null until that is written. */
  readonly retiringFrom: Date | null;
  /** When it leaves the JWKS; null while nobody knows. */
  readonly goneAt: Date | null;
  readonly revokedAt: Date | null;
}

export type KeyState = 'pre-published' | 'active' | 'retiring' | 'gone' | 'revoked';

/** What an installation decides about its keys. */
export interface KeyPolicy {
  /** Algorithms that tokens are signed with; each has keys of its own. */
  readonly algorithms: readonly SigningAlgorithm[];
  /** How long a key signs before the next takes over. */
  readonly lifetimeMs: number;
}

/** One thing to write, in the order of the list. */
export type KeyChange =
  | {
      readonly kind: 'create';
      readonly algorithm: SigningAlgorithm;
      readonly publishedAt: Date;
      readonly activeFrom: Date;
    }
  | { readonly kind: 'activate'; readonly kid: string; readonly activeFrom: Date }
  | { readonly kind: 'retire'; readonly kid: string; readonly retiringFrom: Date; readonly goneAt: Date }
  | { readonly kind: 'remove'; readonly kid: string };

/** Whether the JWKS shows it: from its creation until the last token that it signed has expired, or it is revoked. */
export function isPublished(key: KeyTimes, now: Date): boolean {
  return key.revokedAt === null && (key.goneAt === null || key.goneAt > now);
}

/**
 * The key that signs with `algorithm`: the last one that became active. Where none has, the first that will: after a
 * revocation the next key takes over at once, before anyone has written so.
 */
export function signerOf<K extends KeyTimes>(
  keys: readonly K[],
  algorithm: SigningAlgorithm,
  now: Date,
): K | undefined {
  const candidates = keys
    .filter((key) => key.algorithm === algorithm && key.retiringFrom === null && isPublished(key, now))
    .sort(byActivation);
  return candidates.findLast((key) => key.activeFrom <= now) ?? candidates[0];
}

export function stateOf(key: KeyTimes, keys: readonly KeyTimes[], now: Date): KeyState {
  if (key.revokedAt !== null) return 'revoked';
  if (!isPublished(key, now)) return 'gone';
  if (signerOf(keys, key.algorithm, now)?.kid === key.kid) return 'active';
  return key.activeFrom > now ? 'pre-published' : 'retiring';
}

/** The key that will take over from the signer of `algorithm`. */
export function nextOf<K extends KeyTimes>(keys: readonly K[], algorithm: SigningAlgorithm, now: Date): K | undefined {
  const signer = signerOf(keys, algorithm, now);
  return keys
    .filter((key) => key.algorithm === algorithm && key.kid !== signer?.kid && isPublished(key, now))
    .filter((key) => key.activeFrom > now)
    .sort(byActivation)[0];
}

/** From when on the key may sign without anyone missing it. */
export function mayActivateAt(key: KeyTimes): Date {
  return new Date(key.publishedAt.getTime() + PUBLISHED_AHEAD_MS);
}

/**
 * What has to be written so that each algorithm has one key that signs and one published ahead, which is there also when
 * the first must go at once. Nothing, where all is as it should be; so it may run anywhere, at any time, any number of times.
 */
export function planRotation(keys: readonly KeyTimes[], policy: KeyPolicy, now: Date): KeyChange[] {
  const gone = keys.filter((key) => key.revokedAt === null && !isPublished(key, now));
  return [
    ...policy.algorithms.flatMap((algorithm) => planAlgorithm(keys, { ...policy, algorithm }, now)),
    ...gone.map(({ kid }) => ({ kind: 'remove', kid }) as const),
  ];
}

function planAlgorithm(
  keys: readonly KeyTimes[],
  { algorithm, lifetimeMs }: KeyPolicy & { readonly algorithm: SigningAlgorithm },
  now: Date,
): KeyChange[] {
  const signer = signerOf(keys, algorithm, now);
  const activeFrom = signer ? due(signer, now) : now;
  const create = (from: Date) => ({ kind: 'create', algorithm, publishedAt: now, activeFrom: from }) as const;
  const next = nextOf(keys, algorithm, now);
  const nextFrom = new Date(Math.max(activeFrom.getTime() + lifetimeMs, now.getTime() + PUBLISHED_AHEAD_MS));
  return [
    ...(signer ? planSuccession(signer, activeFrom, keys, now) : [create(now)]),
    ...(next ? [] : [create(nextFrom)]),
  ];
}

/** The signer's activation is written with the retirement of those before it, or when it comes ahead of its time. */
function planSuccession(signer: KeyTimes, activeFrom: Date, keys: readonly KeyTimes[], now: Date): KeyChange[] {
  const before = keys.filter(
    (key) =>
      key.algorithm === signer.algorithm &&
      key.kid !== signer.kid &&
      key.retiringFrom === null &&
      isPublished(key, now) &&
      byActivation(key, signer) < 0,
  );
  const goneAt = new Date(activeFrom.getTime() + RETIRING_MS);
  if (before.length === 0 && activeFrom === signer.activeFrom) return [];
  return [
    ...before.map(({ kid }) => ({ kind: 'retire', kid, retiringFrom: activeFrom, goneAt }) as const),
    { kind: 'activate', kid: signer.kid, activeFrom },
  ];
}

/** A signer that is due a little later was activated by an instance whose clock is ahead; later, it stands in. */
function due(signer: KeyTimes, now: Date): Date {
  const early = signer.activeFrom.getTime() - now.getTime() > CLOCK_DIFFERENCE_MAX_S * 1_000;
  return early ? now : signer.activeFrom;
}

function byActivation(a: KeyTimes, b: KeyTimes): number {
  return a.activeFrom.getTime() - b.activeFrom.getTime() || (a.kid < b.kid ? -1 : 1);
}
