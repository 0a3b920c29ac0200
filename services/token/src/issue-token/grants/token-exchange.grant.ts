import { Injectable } from '@nestjs/common';
import { PermissionChecker } from '@gatehouse/authorization-client';
import {
  exchangePermission,
  PLATFORM_ORGANIZATION_ID,
  tokenExchanged,
  tokenExchangeRefused,
  tokenImpersonate,
  type TokenRequest,
} from '@gatehouse/contracts';
import { Outbox } from '@gatehouse/messaging';
import { OAuthError } from '@gatehouse/problem';
import { TokenSettings } from '../../config.ts';
import { detailsFor, invalid, narrowedDetails, type AuthorizationDetail } from '../../domain/authorization-details.ts';
import type { Client } from '../../domain/client.ts';
import type { Confirmation } from '../../domain/confirmation.ts';
import type { PresentedAccessToken } from '../../domain/presented-access-token.ts';
import { ownAudiences, type Resources } from '../../domain/resource.ts';
import { requestedResources, requireTakenScope, takenScope, type Targets } from '../../domain/resource-indicators.ts';
import { requestedScope } from '../../domain/scope.ts';
import {
  actorChain,
  exchangeRequest,
  isImpersonation,
  requireConfidential,
  requireExchangeable,
  requireMayAct,
  requireProof,
  unacceptable,
  type ExchangedTokenType,
} from '../../domain/token-exchange.ts';
import { KnownResources } from '../../protocol/known-resources.ts';
import { PresentedTokens } from '../../protocol/presented-tokens.ts';
import { SubjectIdentifiers } from '../../protocol/subject-identifiers.ts';
import { TokenIssuer, type PlannedToken } from '../../protocol/token-issuer.ts';
import { TokenLimits } from '../../protocol/token-limits.ts';
import type { TokenGrant, TokenResponse } from '../token-grant.ts';

/** What one request exchanges, checked but for what the authorization service says. */
interface Exchange {
  readonly subject: PresentedAccessToken;
  readonly actor: PresentedAccessToken | null;
  readonly issuedTokenType: ExchangedTokenType;
  readonly scope: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  readonly audience: readonly string[];
}

/**
 * RFC 8693: an access token for another one that can do no more, is for another service, or says who acts. It keeps the
 * subject token's session, grant and version, so whatever ends that ends it too. Every outcome is a fact.
 */
@Injectable()
export class TokenExchangeGrant implements TokenGrant {
  readonly type = 'urn:ietf:params:oauth:grant-type:token-exchange';

  constructor(
    private readonly tokens: PresentedTokens,
    private readonly permissions: PermissionChecker,
    private readonly issuer: TokenIssuer,
    private readonly subjects: SubjectIdentifiers,
    private readonly outbox: Outbox,
    private readonly limits: TokenLimits,
    private readonly known: KnownResources,
    private readonly settings: TokenSettings,
  ) {}

  async handle(request: TokenRequest, client: Client, confirmation: Confirmation | null): Promise<TokenResponse> {
    await this.limits.client(client);
    try {
      const resources = await this.known.current();
      const exchange = await this.checked(request, { client, resources }, confirmation);
      await this.requirePermission(exchange, { client, resources });
      return await this.issue(exchange, client, confirmation);
    } catch (error) {
      if (error instanceof OAuthError) throw await this.recorded(error, client);
      throw error;
    }
  }

  private async checked(request: TokenRequest, targets: Targets, confirmation: Confirmation | null): Promise<Exchange> {
    const { client, resources } = targets;
    requireConfidential(client);
    const { subjectToken, actorToken, issuedTokenType } = exchangeRequest(request);
    const subject = await this.presented(subjectToken, targets, 'subject_token');
    const actor = actorToken === null ? null : await this.presented(actorToken, targets, 'actor_token');
    for (const token of actor ? [subject, actor] : [subject]) requireProof(token, client, confirmation);
    requireMayAct(subject, actor, client, this.settings.issuer);
    const audience = audienceOf(request, targets, subject);
    const asked = request.scope === undefined ? subject.scope : requestedScope(request.scope, subject.scope);
    if (request.scope !== undefined) requireTakenScope(asked, audience, resources);
    const authorizationDetails = detailsWithin(request, subject, audience, resources);
    const scope = takenScope(asked, audience, resources);
    return { subject, actor, issuedTokenType, scope, authorizationDetails, audience };
  }

  private async presented(token: string, { client, resources }: Targets, name: string): Promise<PresentedAccessToken> {
    const presented = await this.tokens.read(token);
    if (!presented) throw unacceptable(name);
    requireExchangeable(presented, { client, ownAudiences: ownAudiences(resources, client.id) }, name);
    return presented;
  }

  /** @throws OAuthError invalid_target (RFC 8693 2.2.2); Problem dependency-unavailable where no decision can be had */
  private async requirePermission(
    { subject, actor, audience }: Exchange,
    { client, resources }: Targets,
  ): Promise<void> {
    const names = resources.filter(({ url }) => audience.includes(url)).map(({ name }) => name);
    const impersonation = isImpersonation(subject, actor, client) ? [tokenImpersonate.name] : [];
    const asked = [...impersonation, ...names.map(exchangePermission)];
    const answers = await Promise.all(asked.map((permission) => this.isAllowed(permission, client)));
    if (!answers.every(Boolean)) throw new OAuthError('invalid_target', 'the client may not exchange tokens for this');
  }

  private async isAllowed(permission: string, client: Client): Promise<boolean> {
    const question = { user_id: client.id, subject_type: 'client', org_id: PLATFORM_ORGANIZATION_ID } as const;
    return (await this.permissions.check({ ...question, permission })).allowed;
  }

  private async issue(exchange: Exchange, client: Client, confirmation: Confirmation | null): Promise<TokenResponse> {
    const { subject, actor, scope, authorizationDetails, audience, issuedTokenType } = exchange;
    const { subjectVersion, grantId, sessionId, mayAct } = subject;
    const pairwiseSubject = this.subjects.pairwise(subject.subject, client);
    const about = {
      subject: subject.subject,
      ...(pairwiseSubject !== undefined && { pairwiseSubject }),
      clientId: client.id,
      clientVersion: client.version,
      scope,
      authorizationDetails,
      confirmation,
      ...(subjectVersion !== undefined && { subjectVersion }),
      ...(grantId !== undefined && { grantId }),
      ...(sessionId !== undefined && { sessionId }),
      actor: actorChain(subject, actor, this.settings.issuer),
      mayAct,
    };
    const ends = [subject, ...(actor ? [actor] : [])].map(({ expiresAt }) => expiresAt.getTime());
    const token = this.issuer.plan(about, audience, new Date(Math.min(...ends)));
    const response = { ...this.issuer.issue(token), issued_token_type: issuedTokenType };
    await this.outbox.record(tokenExchanged, factsOf(exchange, token));
    return response;
  }

  /** Denials too are audited one by one: what a service tried with others' tokens is what an auditor asks for. */
  private async recorded(error: OAuthError, client: Client): Promise<OAuthError> {
    const { code, description, status, headers, cause } = error;
    await this.outbox.record(tokenExchangeRefused, {
      client_id: client.id,
      error: code,
      reason: (description ?? code).slice(0, 300),
    });
    return new OAuthError(code, description, { status, headers, cause, recorded: true });
  }
}

/** RFC 8693 2.1: `resource` is a service's URL and `audience` its name; without either the audience stays as it is. */
function audienceOf(request: TokenRequest, { client, resources }: Targets, subject: PresentedAccessToken): string[] {
  const named = (request.audience ?? []).map((name) => resources.find((one) => one.name === name)?.url ?? name);
  const requested = [...(request.resource ?? []), ...named];
  return requestedResources(requested.length > 0 ? requested : subject.audience, client, resources);
}

/** Those of the subject token, or of them what the request names (RFC 9396 6), as far as they are for the new audience. */
function detailsWithin(
  { authorization_details: named }: TokenRequest,
  { authorizationDetails }: PresentedAccessToken,
  audience: readonly string[],
  resources: Resources,
): AuthorizationDetail[] {
  const asked = named === undefined ? authorizationDetails : narrowedDetails(named, authorizationDetails);
  const taken = detailsFor(audience, asked, resources);
  if (named !== undefined && taken.length < asked.length)
    throw invalid('authorization_details are of another resource');
  return taken;
}

function factsOf({ subject, actor, scope, audience }: Exchange, { jti, about, expiresAt }: PlannedToken) {
  return {
    jti,
    subject: {
      kind: subject.subject === subject.clientId ? ('client' as const) : ('account' as const),
      id: subject.subject,
    },
    client_id: about.clientId,
    actor_id: actor?.subject ?? null,
    subject_jti: subject.jti,
    grant_id: subject.grantId ?? null,
    scope: [...scope],
    audience: [...audience],
    expires_at: expiresAt.toISOString(),
  };
}
