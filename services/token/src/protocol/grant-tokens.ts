import { Injectable } from '@nestjs/common';
import { mayActOf, type Client } from '../domain/client.ts';
import type { Confirmation } from '../domain/confirmation.ts';
import { outlivesSession } from '../domain/scope.ts';
import type { TokenTarget } from '../domain/token-target.ts';
import type { Grant } from '../store/grants.ts';
import { EncryptedResponses } from './encrypted-responses.ts';
import { SubjectIdentifiers } from './subject-identifiers.ts';
import { TokenIssuer, type PlannedToken } from './token-issuer.ts';

/** What a request adds to a grant for one response. */
export interface GrantResponse {
  readonly grant: Grant;
  readonly token: PlannedToken;
  readonly refreshToken: string | undefined;
  /** Of the authorization request; null at a refresh (OIDC Core 12.2). */
  readonly nonce: string | null;
}

/** Plans and signs the tokens of an account's grant. */
@Injectable()
export class GrantTokens {
  constructor(
    private readonly issuer: TokenIssuer,
    private readonly subjects: SubjectIdentifiers,
    private readonly encrypted: EncryptedResponses,
  ) {}

  /** `client` as it was read before the grant was found valid. */
  plan(
    grant: Grant,
    client: Client,
    { scope, audience, authorizationDetails }: TokenTarget,
    confirmation: Confirmation | null,
  ): PlannedToken {
    const { id: grantId, accountId: subject, accountVersion: subjectVersion, clientId, expiresAt } = grant;
    const { acr, authenticatedAt } = grant;
    const versions = { subjectVersion, clientVersion: client.version };
    const login = { acr, authenticatedAt };
    const pairwise = this.subjects.pairwise(subject, client);
    const named = { subject, ...(pairwise !== undefined && { pairwiseSubject: pairwise }) };
    const carried = { scope, authorizationDetails, grantId, login, confirmation, mayAct: mayActOf(client) };
    const about = { ...named, clientId, ...versions, ...carried };
    // A token that names a session ends with it.
    const tied = outlivesSession(grant.scope) ? about : { ...about, sessionId: grant.sessionId };
    return this.issuer.plan(tied, audience, expiresAt);
  }

  /** The token response (RFC 6749 5.1), with an ID token where `openid` is in the scope (OIDC Core 3.1.3.3). */
  async respond({ grant, token, refreshToken, nonce }: GrantResponse, client: Client) {
    const response = this.issuer.issue(token);
    const about = {
      subject: this.subjects.of(grant.accountId, client),
      clientId: grant.clientId,
      sessionId: grant.sessionId,
      acr: grant.acr,
      amr: grant.amr,
      nonce,
    };
    const accessToken = response.access_token;
    const { id_token_signed_response_alg: algorithm } = client.metadata;
    const idToken = () => {
      const { authenticatedAt } = grant;
      const signed = this.issuer.issueIdToken({ ...about, authenticatedAt, accessToken }, algorithm);
      return this.encrypted.encrypt(signed, client, 'id_token');
    };
    return {
      ...response,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      ...(token.about.scope.includes('openid') ? { id_token: await idToken() } : {}),
    };
  }
}
