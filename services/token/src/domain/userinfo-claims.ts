import type { ClaimsRequest } from '@gatehouse/contracts';

/** What is known of an account that clients may learn. */
export interface KnownClaims {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly locale?: string;
}

/** The claims that each scope stands for (OIDC Core 5.4). */
const claimsOfScope = new Map<string, readonly (keyof KnownClaims)[]>([
  ['email', ['email', 'email_verified']],
  ['profile', ['locale']],
]);

/** Those that the scopes or the claims parameter (OIDC Core 5.5) ask for, and `sub` in any case. */
export function selectClaims(
  known: KnownClaims,
  scope: readonly string[],
  requested: ClaimsRequest['userinfo'] | null,
): Partial<KnownClaims> & { readonly sub: string } {
  const names = new Set([...scope.flatMap((name) => claimsOfScope.get(name) ?? []), ...Object.keys(requested ?? {})]);
  const selected = Object.entries(known).filter(([name]) => names.has(name));
  return { ...Object.fromEntries(selected), sub: known.sub };
}
