import type { DataOf, loginFailed } from '@gatehouse/contracts';

export type LoginFailure = DataOf<typeof loginFailed>['reason'];

export type LoginDecision<A> =
  { readonly failure: null; readonly account: A } | { readonly failure: LoginFailure; readonly account: A | null };

/** Only whoever has the right password learns that the address is not proven. */
export function decideLogin<A extends { readonly verifiedAt: Date | null }>(
  account: A | null,
  passwordMatches: boolean,
): LoginDecision<A> {
  if (!account) return { failure: 'unknown_account', account };
  if (!passwordMatches) return { failure: 'wrong_password', account };
  return account.verifiedAt ? { failure: null, account } : { failure: 'unverified', account };
}
