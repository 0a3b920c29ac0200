import type { RequiredAuthentication } from '@gatehouse/contracts';
import type { Principal } from './principal.ts';
import { Unauthenticated } from './unauthenticated.ts';

/**
 * Throws the step-up challenge of RFC 9470 3 where the login behind a token is not known to be strong or recent enough; with
 * its `acr_values` and `max_age` the client asks the authorization server for one that is.
 */
export function requireAuthentication(
  { acr, authenticatedAt }: Principal,
  { acrValues, maxAgeSeconds }: RequiredAuthentication,
  now: number,
): void {
  const strong = acrValues === undefined || (acr !== undefined && acrValues.includes(acr));
  const recent =
    maxAgeSeconds === undefined || (authenticatedAt !== undefined && now / 1_000 - authenticatedAt <= maxAgeSeconds);
  if (strong && recent) return;
  const reason = strong ? 'A more recent login is required.' : 'A stronger login is required.';
  throw new Unauthenticated(reason, {
    error: 'insufficient_user_authentication',
    parameters: [
      ...(acrValues === undefined ? [] : [`acr_values="${acrValues.join(' ')}"`]),
      ...(maxAgeSeconds === undefined ? [] : [`max_age="${maxAgeSeconds}"`]),
    ],
  });
}
