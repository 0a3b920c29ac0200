import type { DataOf, tokenRevoked } from '@gatehouse/contracts';
import type { VerifiedToken } from './verify-access-token.ts';

type Revocation = DataOf<typeof tokenRevoked>;
type Scope = Revocation['scope'];
interface Term {
  readonly revokedAtMs: number;
  readonly expiresAtMs: number;
}

const SWEEP_EVERY_MS = 60_000;
/**
 * A client and a subject go on to get new tokens after a revocation; a jti, a grant, a session and a key are over, so for
 * them the time of issue does not matter (and a skewed clock at the issuer cannot matter either).
 */
const renewable: ReadonlySet<Scope> = new Set(['client', 'subject']);

/** What was revoked before its expiry, in memory. Additions are idempotent and may be replayed from the beginning. */
export class RevocationList {
  private readonly terms: Readonly<Record<Scope, Map<string, Term>>> = {
    jti: new Map(),
    grant: new Map(),
    session: new Map(),
    client: new Map(),
    key: new Map(),
    subject: new Map(),
  };
  private sweptAtMs = 0;

  add({ scope, id, revoked_at, expires_at }: Revocation): void {
    const known = this.terms[scope].get(id);
    this.terms[scope].set(id, {
      revokedAtMs: Math.max(Date.parse(revoked_at), known?.revokedAtMs ?? 0),
      expiresAtMs: Math.max(Date.parse(expires_at), known?.expiresAtMs ?? 0),
    });
    this.sweep(Date.now());
  }

  /** Forgets the revocation with this record key (`<scope>:<id>`); an unknown key is ignored. */
  forget(key: string): void {
    const colon = key.indexOf(':');
    const scope = key.slice(0, colon);
    if (scope in this.terms) this.terms[scope as Scope].delete(key.slice(colon + 1));
  }

  /** Whether the token was revoked: itself, or with its grant, session, client, signing key or subject. */
  covers({ principal, kid }: VerifiedToken): boolean {
    const { jti, grantId, sessionId, clientId, id, issuedAt } = principal;
    return (
      this.revokes('jti', jti, issuedAt) ||
      this.revokes('grant', grantId, issuedAt) ||
      this.revokes('session', sessionId, issuedAt) ||
      this.revokes('client', clientId, issuedAt) ||
      this.revokes('key', kid, issuedAt) ||
      this.revokes('subject', id, issuedAt)
    );
  }

  get size(): number {
    return Object.values(this.terms).reduce((sum, terms) => sum + terms.size, 0);
  }

  private revokes(scope: Scope, id: string | undefined, issuedAt: number): boolean {
    const term = id === undefined ? undefined : this.terms[scope].get(id);
    if (!term) return false;
    return !renewable.has(scope) || issuedAt * 1_000 <= term.revokedAtMs;
  }

  /** Once a minute, forgets what is past its expiry: every token that it covered has expired with it. */
  private sweep(nowMs: number): void {
    if (nowMs - this.sweptAtMs < SWEEP_EVERY_MS) return;
    this.sweptAtMs = nowMs;
    for (const terms of Object.values(this.terms))
      for (const [id, { expiresAtMs }] of terms) if (expiresAtMs < nowMs) terms.delete(id);
  }
}
