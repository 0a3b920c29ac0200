import { authorizationDetails } from '@gatehouse/contracts';
import type { Problem } from '@gatehouse/problem';
import { z } from 'zod';
import { isSignedBy, jsonOf, parseCompactJws } from './es256.ts';
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

/** What decides whether a token is of the issuer, for this service, and in its time (RFC 7519 4.1). */
const addressing = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  nbf: z.number().optional(),
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
 * Verifies an access token as RFC 9068 4 asks: ES256 and nothing else, a key of the issuer, no extension that must be
 * understood (RFC 7515 4.1.11), then `typ` at+jwt, `iss`, `aud`, `exp` and `nbf` without leeway. Throws `unauthenticated` with a
 * challenge; the reason names a claim only where the signature was right, so that nothing is learnt from a forged token.
 */
export async function verifyAccessToken(
  token: string,
  expected: TokenExpectations,
  keys: KeySource,
): Promise<IssuedToken> {
  const jws = parseCompactJws(token);
  if (!jws) throw malformed();
  const { alg, kid, crit, typ } = jws.header;
  if (alg !== 'ES256') throw invalidToken('The algorithm of the token is not accepted.');
  if (crit !== undefined) throw malformed();
  const key = typeof kid === 'string' ? await keys.find(kid) : undefined;
  if (!key) throw invalidToken('The token names no key of the issuer.');
  if (!isSignedBy(jws, key)) throw invalidToken('The signature of the token is not valid.');
  if (!isAccessTokenType(typ)) throw invalidToken('The token is not an access token.');
  const claims = accepted(jsonOf(jws.payload), expected);
  return { principal: principalOf(claims), kid: kid as string, pairwise: claims.subject_type === 'pairwise' };
}

/** RFC 9068 2.1, a media type and so in either case; the prefix is recommended to be left out (RFC 7515 4.1.9). */
function isAccessTokenType(typ: unknown): boolean {
  return typeof typ === 'string' && /^(application\/)?at\+jwt$/i.test(typ);
}

function accepted(payload: unknown, { issuer, audience }: TokenExpectations): z.output<typeof accessTokenClaims> {
  const addressed = addressing.safeParse(payload).data;
  if (!addressed) throw invalidToken('The token lacks a claim, or has a wrong one.');
  if (addressed.iss !== issuer) throw invalidToken('The token was issued by someone else.');
  const audiences = [audience].flat();
  if (![addressed.aud].flat().some((one) => audiences.includes(one)))
    throw invalidToken('The token was issued for another service.');
  const now = Math.floor(Date.now() / 1_000);
  if ((addressed.nbf ?? now) > now) throw invalidToken('The token is not valid yet.');
  if (addressed.exp <= now) throw invalidToken('The token has expired.');
  const claims = accessTokenClaims.safeParse(payload);
  if (!claims.success) throw malformed(claims.error);
  return claims.data;
}

function malformed(cause?: unknown): Problem {
  return invalidToken('The token is not a valid access token.', cause);
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
