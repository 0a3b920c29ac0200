import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { hashOf } from './opaque-token.ts';
import {
  decideRefresh,
  repeatedSuccessor,
  successorKeyOf,
  successorOf,
  type RefreshDecision,
  type RefreshTokenState,
} from './refresh-rotation.ts';

const GRACE_MS = 10_000;
const LIFETIME_MS = 1_000_000;
const KEY = randomBytes(32);
const RULES = { graceMs: GRACE_MS, rotates: true };
const at = (ms: number) => new Date(1_800_000_000_000 + ms);

const fresh: RefreshTokenState = {
  expiresAt: at(LIFETIME_MS),
  consumedAt: null,
  successorConsumed: false,
  grantRevoked: false,
};

describe('one presented token', () => {
  test('is rotated at its first use', () => {
    expect(decideRefresh(fresh, at(0), RULES)).toBe('rotate');
  });

  test('is repeated within the grace window, its last instant included', () => {
    const used = { ...fresh, consumedAt: at(0) };
    expect(decideRefresh(used, at(GRACE_MS), RULES)).toBe('repeat');
    expect(decideRefresh(used, at(GRACE_MS + 1), RULES)).toBe('reuse');
  });

  test('is reuse as soon as its successor was used, grace or not', () => {
    expect(decideRefresh({ ...fresh, consumedAt: at(0), successorConsumed: true }, at(1), RULES)).toBe('reuse');
  });

  test('goes on as it is for a client that does not rotate, unless it was replaced before', () => {
    const keeps = { ...RULES, rotates: false };
    expect(decideRefresh(fresh, at(0), keeps)).toBe('keep');
    expect(decideRefresh({ ...fresh, consumedAt: at(0) }, at(GRACE_MS + 1), keeps)).toBe('reuse');
    expect(decideRefresh({ ...fresh, grantRevoked: true }, at(0), keeps)).toBe('refuse');
    expect(decideRefresh(fresh, at(LIFETIME_MS), keeps)).toBe('refuse');
  });

  test('is worth nothing after its expiry or the revocation of its grant', () => {
    expect(decideRefresh(fresh, at(LIFETIME_MS), RULES)).toBe('refuse');
    expect(decideRefresh({ ...fresh, grantRevoked: true }, at(0), RULES)).toBe('refuse');
  });
});

describe('the successor', () => {
  test('is the same for the same token, and another for any other token, row or key', () => {
    const value = successorOf('gh_refresh_a', 'id-1', KEY);
    expect(successorOf('gh_refresh_a', 'id-1', KEY)).toBe(value);
    expect(successorOf('gh_refresh_b', 'id-1', KEY)).not.toBe(value);
    expect(successorOf('gh_refresh_a', 'id-2', KEY)).not.toBe(value);
    expect(successorOf('gh_refresh_a', 'id-1', randomBytes(32))).not.toBe(value);
    expect(value).toMatch(/^gh_refresh_[\w-]{43}$/);
  });
});

describe('a repeat after a rotation of the master key', () => {
  const [old, current] = [successorKeyOf(randomBytes(32)), successorKeyOf(randomBytes(32))];
  const value = successorOf('gh_refresh_a', 'id-1', old);
  const successor = { id: 'id-1', hash: hashOf(value) };

  test('gives the successor that was given before, whichever key it was derived with', () => {
    expect(repeatedSuccessor('gh_refresh_a', successor, [current, old])).toBe(value);
    expect(repeatedSuccessor('gh_refresh_a', successor, [old])).toBe(value);
  });

  test('negative control: with the current key alone there is none, rather than a token that nobody stored', () => {
    expect(repeatedSuccessor('gh_refresh_a', successor, [current])).toBeNull();
  });

  test('the key of successors is not the master key, nor another for the same one', () => {
    const masterKey = randomBytes(32);
    expect(successorKeyOf(masterKey)).toEqual(successorKeyOf(masterKey));
    expect(successorKeyOf(masterKey)).not.toEqual(masterKey);
  });
});

type Decide = typeof decideRefresh;

/** A grant with its chain, driven by the decision alone: what the store keeps, in memory. */
class Family {
  readonly chain: { value: string; consumedAt: Date | null }[] = [{ value: 'gh_refresh_first', consumedAt: null }];
  revoked = false;
  private nowMs = 0;

  constructor(private readonly decide: Decide) {}

  advance(ms: number): void {
    this.nowMs += ms;
  }

  present(index: number): { decision: RefreshDecision; given: string | undefined } {
    const token = this.chain[index];
    if (!token) throw new Error('no such token');
    const state = {
      expiresAt: at(LIFETIME_MS),
      consumedAt: token.consumedAt,
      successorConsumed: this.chain[index + 1]?.consumedAt != null,
      grantRevoked: this.revoked,
    };
    const decision = this.decide(state, at(this.nowMs), RULES);
    if (decision === 'reuse') this.revoked = true;
    if (decision === 'reuse' || decision === 'refuse') return { decision, given: undefined };
    if (decision === 'rotate') {
      token.consumedAt = at(this.nowMs);
      this.chain.push({ value: successorOf(token.value, `id-${index + 1}`, KEY), consumedAt: null });
    }
    return { decision, given: this.chain[index + 1]?.value };
  }
}

const steps = fc.array(fc.record({ pick: fc.nat(7), waitMs: fc.nat(GRACE_MS / 2) }), { maxLength: 40 });

/** Presents arbitrary tokens of the chain at arbitrary times; throws where two live tokens exist or theft goes unseen. */
function checkFamily(decide: Decide, moves: readonly { pick: number; waitMs: number }[]): void {
  const family = new Family(decide);
  for (const { pick, waitMs } of moves) {
    family.advance(waitMs);
    const index = pick % family.chain.length;
    const successorWasUsed = family.chain[index + 1]?.consumedAt != null;
    const wasRevoked = family.revoked;
    const { decision, given } = family.present(index);
    if (given !== undefined && given !== family.chain[index + 1]?.value) throw new Error('a second successor');
    if (family.chain.filter((token) => !token.consumedAt).length !== 1) throw new Error('not exactly one live token');
    if (successorWasUsed && !wasRevoked && decision !== 'reuse') throw new Error('a replaced token was still good');
    if (wasRevoked && decision !== 'refuse') throw new Error('a revoked family gave a token');
  }
}

describe('any sequence of uses, by the client or a thief', () => {
  test('leaves one live token, gives one successor for each, and is found out when a replaced token comes back', () => {
    fc.assert(fc.property(steps, (moves) => checkFamily(decideRefresh, moves)));
  });

  test('negative control: a rotation that trusts the grace window alone is caught by the same check', () => {
    const trusting: Decide = (token, now, rules) => decideRefresh({ ...token, successorConsumed: false }, now, rules);
    const outcome = fc.check(fc.property(steps, (moves) => checkFamily(trusting, moves)));
    expect(outcome.errorInstance).toEqual(new Error('a replaced token was still good'));
  });

  test('a client that repeats a lost answer within the window is never logged out', () => {
    const retries = fc.array(fc.array(fc.nat(GRACE_MS / 10), { maxLength: 10 }), { maxLength: 20 });
    fc.assert(
      fc.property(retries, (generations) => {
        const family = new Family(decideRefresh);
        for (const [index, waits] of generations.entries()) {
          family.present(index);
          for (const waitMs of waits) {
            family.advance(waitMs);
            expect(family.present(index).decision).toBe('repeat');
          }
        }
        expect(family.revoked).toBe(false);
      }),
    );
  });

  test('negative control: a rotation without a grace window logs the same client out', () => {
    const family = new Family((token, now) => decideRefresh(token, now, { ...RULES, graceMs: -1 }));
    family.present(0);
    expect(family.present(0).decision).toBe('reuse');
    expect(family.revoked).toBe(true);
  });
});
