import { Injectable } from '@nestjs/common';
import { clientRefused, tokenIssued, type TokenRequest } from '@gatehouse/contracts';
import { Outbox } from '@gatehouse/messaging';
import { setActor } from '@gatehouse/telemetry';
import type { OAuthError } from '@gatehouse/problem';
import { mayActOf, type Client } from '../../domain/client.ts';
import type { Confirmation } from '../../domain/confirmation.ts';
import { invalid } from '../../domain/authorization-details.ts';
import { requestedScope } from '../../domain/scope.ts';
import type { TokenTarget } from '../../domain/token-target.ts';
import { TokenIssuer } from '../../protocol/token-issuer.ts';
import { TokenLimits } from '../../protocol/token-limits.ts';
import { TokenTargets } from '../../protocol/token-targets.ts';
import { JWT_BEARER, refused, WorkloadAssertions, type AssertedWorkload } from '../../protocol/workload-assertions.ts';
import type { TokenGrant, TokenResponse } from '../token-grant.ts';

/**
 * RFC 7523 2.1: a token for a client, which is a workload that a trusted issuer vouches for. The assertion proves the
 * client as well (RFC 7521 4.1), so it needs no secret; `client` is the one that is claimed, or that proved itself besides.
 */
@Injectable()
export class JwtBearerGrant implements TokenGrant {
  readonly type = JWT_BEARER;

  constructor(
    private readonly assertions: WorkloadAssertions,
    private readonly issuer: TokenIssuer,
    private readonly outbox: Outbox,
    private readonly limits: TokenLimits,
    private readonly targets: TokenTargets,
  ) {}

  async handle(request: TokenRequest, client: Client, confirmation: Confirmation | null): Promise<TokenResponse> {
    const { assertion = '' } = request;
    const workload = await this.assertions.claimed(request.assertion);
    if (workload.client.id !== client.id) throw refused();
    this.limits.authentication(client.id);
    const payload = await this.assertions.verified(assertion, workload);
    if (!payload) throw await this.failed(client);
    setActor('client', client.id);
    await this.limits.client(client);
    const wish = await this.narrow(request, workload);
    if (!(await this.assertions.useOnce(payload))) throw await this.failed(client);
    return this.issue(workload, wish, confirmation);
  }

  /** Never more than the client may ask for, however it proves who it is. */
  private narrow(request: TokenRequest, { client, scope: mapped }: AssertedWorkload): Promise<TokenTarget> {
    const allowed = mapped.filter((name) => name !== 'openid' && client.scopes.includes(name));
    const scope = requestedScope(request.scope, allowed);
    // The mapping of the subject says what it may have, and knows scopes only.
    if (request.authorization_details !== undefined) throw invalid('authorization_details are not for workloads');
    return this.targets.own(request, client, scope);
  }

  private async issue(
    { client, issuer, subject }: AssertedWorkload,
    { scope, audience }: TokenTarget,
    confirmation: Confirmation | null,
  ): Promise<TokenResponse> {
    const { id, version: clientVersion } = client;
    const about = { subject: id, clientId: id, clientVersion, scope, confirmation, mayAct: mayActOf(client) };
    const token = this.issuer.plan(about, audience);
    const response = this.issuer.issue(token);
    await this.outbox.record(tokenIssued, {
      jti: token.jti,
      client_id: id,
      scope,
      audience,
      expires_at: token.expiresAt.toISOString(),
      assertion: { issuer: issuer.issuer, subject },
    });
    return response;
  }

  /** As for any other proof of a client: counted against guessing, and audited. */
  private async failed({ id: client_id }: Client): Promise<OAuthError> {
    await this.limits.failedAuthentication(client_id);
    await this.outbox.record(clientRefused, { client_id, reason: 'wrong_assertion' });
    return refused({ recorded: true });
  }
}
