import type { AuthenticationContext } from './authentication-context.ts';
import type { AuthorizationDetail } from './authorization-details.ts';
import type { Confirmation } from './confirmation.ts';
import type { Actor, MayAct } from './presented-access-token.ts';
import type { SigningAlgorithm } from '@gatehouse/contracts';
import { leftHalfHash } from './signing-algorithm.ts';

/** How long access and ID tokens are valid, in seconds. Revocations are kept as long. */
export const ACCESS_TOKEN_LIFETIME_S = 600;

/** Whom a token is about and what it allows. */
export interface TokenSubject {
  /** The account, or for client credentials the client itself. */
  readonly subject: string;
  /** What the client calls the account (OIDC Core 8.1); left out where that is its id. */
  readonly pairwiseSubject?: string;
  readonly clientId: string;
  readonly scope: readonly string[];
  /** RFC 9396 9.1. */
  readonly authorizationDetails?: readonly AuthorizationDetail[];
  /** Of the account; left out where the token is the client's own. */
  readonly subjectVersion?: number;
  readonly clientVersion: number;
  readonly grantId?: string;
  readonly sessionId?: string;
  /** How and when the person logged in whose grant it is; left out where nobody is there to log in again (RFC 9068 2.2.1). */
  readonly login?: { readonly acr: string; readonly authenticatedAt: Date };
  /** Null or absent for a bearer token. */
  readonly confirmation?: Confirmation | null;
  /** RFC 8693 4.1: who acts for the subject; null or absent where nobody does. */
  readonly actor?: Actor | null;
  /** RFC 8693 4.4: who alone may act for it. */
  readonly mayAct?: MayAct | null;
}

export interface IssuedToken {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly jti: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/**
 * RFC 9068 2.2, with what ends the token before its expiry: `grant_id` and `sid`, and the private claims `sub_ver` and
 * `client_ver`. They are the versions of account and client as they were read in or before the snapshot in which the grant
 * was found valid, so a token that is made while the version is raised carries the lower one, and is refused.
 * Where `sub` is not the account's id, `subject_type` says so: the client reads its token, and resources ask whom it is about.
 */
export function accessTokenClaims(about: TokenSubject, issued: IssuedToken) {
  return {
    iss: issued.issuer,
    sub: about.pairwiseSubject ?? about.subject,
    ...(about.pairwiseSubject === undefined ? {} : { subject_type: 'pairwise' }),
    aud: issued.audience.length === 1 ? issued.audience[0] : [...issued.audience],
    client_id: about.clientId,
    iat: seconds(issued.issuedAt),
    exp: seconds(issued.expiresAt),
    jti: issued.jti,
    client_ver: about.clientVersion,
    ...(about.subjectVersion === undefined ? {} : { sub_ver: about.subjectVersion }),
    ...(about.scope.length > 0 ? { scope: about.scope.join(' ') } : {}),
    ...detailsClaim(about),
    ...(about.grantId === undefined ? {} : { grant_id: about.grantId }),
    ...(about.sessionId === undefined ? {} : { sid: about.sessionId }),
    ...(about.login ? { auth_time: seconds(about.login.authenticatedAt), acr: about.login.acr } : {}),
    ...(about.confirmation ? { cnf: about.confirmation } : {}),
    ...(about.actor ? { act: about.actor } : {}),
    ...(about.mayAct ? { may_act: about.mayAct } : {}),
  };
}

function detailsClaim({ authorizationDetails = [] }: TokenSubject): { authorization_details?: AuthorizationDetail[] } {
  return authorizationDetails.length === 0 ? {} : { authorization_details: [...authorizationDetails] };
}

export interface IdTokenSubject extends AuthenticationContext {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId: string;
  readonly sessionId: string;
  readonly authenticatedAt: Date;
  readonly nonce: string | null;
  readonly accessToken: string;
  readonly issuedAt: Date;
  /** What the ID token is signed with. */
  readonly algorithm: SigningAlgorithm;
}

/** OIDC Core 2 and 3.1.3.6. */
export function idTokenClaims(about: IdTokenSubject) {
  return {
    iss: about.issuer,
    sub: about.subject,
    aud: about.clientId,
    iat: seconds(about.issuedAt),
    exp: seconds(about.issuedAt) + ACCESS_TOKEN_LIFETIME_S,
    auth_time: seconds(about.authenticatedAt),
    acr: about.acr,
    amr: about.amr,
    azp: about.clientId,
    sid: about.sessionId,
    at_hash: leftHalfHash(about.accessToken, about.algorithm),
    ...(about.nonce === null ? {} : { nonce: about.nonce }),
  };
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1_000);
}
