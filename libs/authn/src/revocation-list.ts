import type { DataOf, tokenRevoked } from '@gatehouse/contracts';
import { revocationDigest, RevocationTable } from './revocation-table.ts';
import type { RevocationDigest } from './revocation-table.ts';
import type { VerifiedToken } from './verify-access-token.ts';

type Revocation = Pick<DataOf<typeof tokenRevoked>, 'scope' | 'id' | 'version' | 'revoked_at' | 'expires_at'>;
type Scope = Revocation['scope'];

/** One thing whose revocation ends a token. */
interface Tie {
  readonly digest: RevocationDigest;
  /**
   * A client and a subject go on to get new tokens after a revocation; a jti, a grant, a session and a key are over, so
   * for them neither version nor time of issue matters (and a skewed clock at the issuer cannot matter either).
   */
  readonly renewable: boolean;
  readonly version: number;
}

const SWEEP_EVERY_MS = 60_000;

/**
 * What was revoked before its expiry, in memory. Additions are idempotent, may come in any order and may be replayed from
 * the beginning. An entry leaves by its own expiry only: the tombstone of an old revocation may arrive after a new one of
 * the same key, which came by a faster way.
 */
export class RevocationList {
  private readonly table = new RevocationTable();
  /** Hashing is dearer than looking up, and a token that is remembered is looked up at every request. */
  private readonly ties = new WeakMap<VerifiedToken, readonly Tie[]>();
  private sweptAtMs = 0;

  add({ scope, id, version = 0, revoked_at, expires_at }: Revocation): void {
    this.table.add(revocationDigest(scope, id), {
      revokedAt: version > 0 ? 0 : Math.floor(Date.parse(revoked_at) / 1_000),
      version,
      expiresAt: Math.ceil(Date.parse(expires_at) / 1_000),
    });
    this.sweep(Date.now());
  }

  /** Whether the token was revoked: itself, or with its grant, session, client, signing key or subject. */
  covers(token: VerifiedToken): boolean {
    for (const { digest, renewable, version } of this.tiesOf(token)) {
      const term = this.table.get(digest);
      if (!term) continue;
      if (!renewable || version < term.version || token.principal.issuedAt <= term.revokedAt) return true;
    }
    return false;
  }

  get size(): number {
    return this.table.size;
  }

  /** Bytes that the entries take. */
  get bytes(): number {
    return this.table.bytes;
  }

  private tiesOf(token: VerifiedToken): readonly Tie[] {
    let ties = this.ties.get(token);
    if (!ties) this.ties.set(token, (ties = tiesOf(token)));
    return ties;
  }

  /** Once a minute, forgets what is past its expiry: every token that it covered has expired with it. */
  private sweep(nowMs: number): void {
    if (nowMs - this.sweptAtMs < SWEEP_EVERY_MS) return;
    this.sweptAtMs = nowMs;
    this.table.forgetExpired(Math.floor(nowMs / 1_000));
  }
}

function tiesOf({ principal, kid }: VerifiedToken): readonly Tie[] {
  const { jti, grantId, sessionId, clientId, id, subjectVersion = 0, clientVersion = 0 } = principal;
  const final = (scope: Scope, of: string | undefined): Tie[] =>
    of === undefined ? [] : [{ digest: revocationDigest(scope, of), renewable: false, version: 0 }];
  const renewable = (scope: Scope, of: string, version: number): Tie => ({
    digest: revocationDigest(scope, of),
    renewable: true,
    version,
  });
  return [
    ...final('jti', jti),
    ...final('grant', grantId),
    ...final('session', sessionId),
    ...final('key', kid),
    renewable('client', clientId, clientVersion),
    renewable('subject', id, subjectVersion),
  ];
}
