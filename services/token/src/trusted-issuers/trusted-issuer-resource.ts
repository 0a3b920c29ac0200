import type { TrustedIssuerResource } from '@gatehouse/contracts';
import type { TrustedIssuer } from '../store/trusted-issuers.ts';

/** As the API shows it. */
export function trustedIssuerResource({ createdAt, updatedAt, ...issuer }: TrustedIssuer): TrustedIssuerResource {
  return { ...issuer, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() };
}

/** As events tell it. */
export function factsOf({ id, issuer, jwks_uri, algorithms, subjects }: TrustedIssuer) {
  return { trusted_issuer_id: id, issuer, jwks_uri, algorithms, subjects };
}
