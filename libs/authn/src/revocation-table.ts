import { hash } from 'node:crypto';

/** What is kept of a revocation, in whole seconds since the epoch. */
export interface RevocationTerm {
  /** Tokens of a client or subject issued at or before this second are refused; 0 where a version decides. */
  readonly revokedAt: number;
  /** Tokens of a client or subject with a lower version are refused; 0 where the time decides. */
  readonly version: number;
  readonly expiresAt: number;
}

/** The first 128 bits of a SHA-256: no two ids that anyone can find share it. */
export type RevocationDigest = Uint32Array;

const WORDS = 4;
const CAPACITY_MIN = 1_024;
const FULL = 0.75;

export function revocationDigest(scope: string, id: string): RevocationDigest {
  const bytes = hash('sha256', `${scope}:${id}`, 'buffer');
  return Uint32Array.from({ length: WORDS }, (_, word) => bytes.readUInt32LE(word * 4));
}

/**
 * A hash table in typed arrays, 28 bytes a slot: a Map of strings and objects would take ten times as much for a million
 * revocations. Open addressing with linear probing; what has expired leaves when the table is built anew.
 */
export class RevocationTable {
  private digests = new Uint32Array(0);
  private revokedAt = new Uint32Array(0);
  private versions = new Uint32Array(0);
  /** 0 marks a free slot. */
  private expiresAt = new Uint32Array(0);
  private used = 0;

  constructor() {
    this.allocate(CAPACITY_MIN);
  }

  get size(): number {
    return this.used;
  }

  /** Bytes that the arrays take. */
  get bytes(): number {
    return this.expiresAt.length * (WORDS + 3) * Uint32Array.BYTES_PER_ELEMENT;
  }

  get(digest: RevocationDigest): RevocationTerm | undefined {
    const slot = this.slotOf(digest, 0);
    return this.expiresAt[slot] === 0 ? undefined : this.termAt(slot);
  }

  /** Keeps the strictest of what is known and `term`, so additions may come again and in any order. */
  add(digest: RevocationDigest, term: RevocationTerm): void {
    if (this.used + 1 > this.expiresAt.length * FULL) this.rebuild(this.expiresAt.length * 2, 0);
    this.put(digest, 0, term);
  }

  /** Forgets what expired before `nowSeconds`, and gives the memory back. */
  forgetExpired(nowSeconds: number): void {
    let live = 0;
    for (const expiry of this.expiresAt) if (expiry >= nowSeconds) live++;
    if (live === this.used) return;
    let capacity = CAPACITY_MIN;
    while (live + 1 > capacity * FULL) capacity *= 2;
    this.rebuild(capacity, nowSeconds);
  }

  private put(digests: Uint32Array, from: number, term: RevocationTerm): void {
    const slot = this.slotOf(digests, from);
    const known = this.termAt(slot);
    if (known.expiresAt === 0) {
      this.used++;
      this.digests.set(digests.subarray(from, from + WORDS), slot * WORDS);
    }
    this.revokedAt[slot] = Math.max(known.revokedAt, term.revokedAt);
    this.versions[slot] = Math.max(known.version, term.version);
    this.expiresAt[slot] = Math.max(known.expiresAt, term.expiresAt, 1);
  }

  /** The slot of this digest, or the free one where it would go. */
  private slotOf(digests: Uint32Array, from: number): number {
    const last = this.expiresAt.length - 1;
    let slot = (digests[from] ?? 0) & last;
    while (this.expiresAt[slot] !== 0 && !this.holds(slot, digests, from)) slot = (slot + 1) & last;
    return slot;
  }

  private holds(slot: number, digests: Uint32Array, from: number): boolean {
    for (let word = 0; word < WORDS; word++)
      if (this.digests[slot * WORDS + word] !== digests[from + word]) return false;
    return true;
  }

  private termAt(slot: number): RevocationTerm {
    return {
      revokedAt: this.revokedAt[slot] ?? 0,
      version: this.versions[slot] ?? 0,
      expiresAt: this.expiresAt[slot] ?? 0,
    };
  }

  private allocate(capacity: number): void {
    this.digests = new Uint32Array(capacity * WORDS);
    this.revokedAt = new Uint32Array(capacity);
    this.versions = new Uint32Array(capacity);
    this.expiresAt = new Uint32Array(capacity);
    this.used = 0;
  }

  private rebuild(capacity: number, notBefore: number): void {
    const { digests, revokedAt, versions, expiresAt } = this;
    this.allocate(capacity);
    for (let slot = 0; slot < expiresAt.length; slot++) {
      const expiry = expiresAt[slot] ?? 0;
      if (expiry === 0 || expiry < notBefore) continue;
      const term = { revokedAt: revokedAt[slot] ?? 0, version: versions[slot] ?? 0, expiresAt: expiry };
      this.put(digests, slot * WORDS, term);
    }
  }
}
