import { authorizationDetails } from '@gatehouse/contracts';
import { errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { isCompactJwt } from './compact-jwt.ts';
import type { KeySource } from './key-source.ts';
import type { Principal } from './principal.ts';
import { invalidToken } from './unauthenticated.ts';

/** RFC 9068 2.2, and claims of our own: the grant, the session, and the versions that `revoke all` raises. */
const accessTokenClaims = z.object({
  sub: z.string().min(1),
  client_id: z.string().min(1),
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  scope: z.string().optional(),
  authorization_details: authorizationDetails.optional(),
  grant_id: z.string().optional(),
  sid: z.string().optional(),
  acr: z.string().optional(),
  auth_time: z.number().optional(),
  sub_ver: z.int().min(0).default(0),
  client_ver: z.int().min(0).default(0),
  cnf: z.record(z.string(), z.unknown()).optional(),
  subject_type: z.literal('pairwise').optional(),
});

export interface VerifiedToken {
  readonly principal: Principal;
  /** The key that signed it, for revocations of a whole key. */
  readonly kid: string;
}

/** A token as its issuer wrote it. */
export interface IssuedToken extends VerifiedToken {
  /** The `id` of the principal is what its client calls the account, and not the account's. */
  readonly pairwise: boolean;
}

export interface TokenExpectations {
  /** Compared character by character with `iss` (RFC 9068 4). */
  readonly issuer: string;
  /** The identifiers of this service, of which `aud` must name one. */
  readonly audience: string | readonly string[];
}

/**
 * Verifies an access token as RFC 9068 4 asks: `typ` at+jwt, ES256 and nothing else, a key of the issuer, then `iss`, `aud`,
 * `exp` and `nbf` without leeway. Throws `unauthenticated` with a challenge; the reason names a claim only where the signature
 * was right, so that nothing is learnt from a forged token.
 */
export async function verifyAccessToken(
  token: string,
  expected: TokenExpectations,
  keys: KeySource,
): Promise<IssuedToken> {
  let kid = '';
  if (!isCompactJwt(token)) throw invalidToken('The token is not a valid access token.');
  try {
    const { payload } = await jwtVerify(
      token,
      async (header) => {
        const key = header.kid === undefined ? undefined : await keys.find(header.kid);
        if (!key) throw new errors.JWKSNoMatchingKey();
        kid = header.kid as string;
        return key;
      },
      {
        algorithms: ['ES256'],
        typ: 'at+jwt',
        issuer: expected.issuer,
        audience: [expected.audience].flat(),
        requiredClaims: ['exp'],
      },
    );
    const claims = accessTokenClaims.parse(payload);
    return { principal: principalOf(claims), kid, pairwise: claims.subject_type === 'pairwise' };
  } catch (error) {
    throw refusalOf(error);
  }
}

function principalOf(claims: z.output<typeof accessTokenClaims>): Principal {
  return {
    kind: claims.sub === claims.client_id ? 'client' : 'account',
    id: claims.sub,
    clientId: claims.client_id,
    scope: claims.scope?.split(' ').filter(Boolean) ?? [],
    subjectVersion: claims.sub_ver,
    clientVersion: claims.client_ver,
    jti: claims.jti,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    ...(claims.grant_id !== undefined && { grantId: claims.grant_id }),
    ...(claims.sid !== undefined && { sessionId: claims.sid }),
    ...(claims.authorization_details && { authorizationDetails: claims.authorization_details }),
    ...(claims.acr !== undefined && { acr: claims.acr }),
    ...(claims.auth_time !== undefined && { authenticatedAt: claims.auth_time }),
    ...(claims.cnf !== undefined && { confirmation: claims.cnf }),
  };
}

/** What `jose` found wrong, as a challenge; anything else, such as an unreachable issuer, passes through. */
function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return invalidToken('The token has expired.', error);
  if (error instanceof errors.JWTClaimValidationFailed) {
    const reason = claimReasons[error.claim] ?? 'The token lacks a claim, or has a wrong one.';
    return invalidToken(reason, error);
  }
  if (error instanceof errors.JWKSNoMatchingKey) return invalidToken('The token names no key of the issuer.', error);
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return invalidToken('The signature of the token is not valid.', error);
  if (error instanceof errors.JOSEAlgNotAllowed)
    return invalidToken('The algorithm of the token is not accepted.', error);
  if (error instanceof errors.JOSEError || error instanceof z.ZodError)
    return invalidToken('The token is not a valid access token.', error);
  return error;
}

const claimReasons: Readonly<Record<string, string>> = {
  typ: 'The token is not an access token.',
  iss: 'The token was issued by someone else.',
  aud: 'The token was issued for another service.',
  nbf: 'The token is not valid yet.',
};
