import { Injectable } from '@nestjs/common';
import type { AuthorizationParameters } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import { checkAuthorizationRequest, returnAddressOf } from '../domain/authorization-request.ts';
import type { Client } from '../domain/client.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { PUSHED_REQUEST_LIFETIME_S, requestUriOf } from '../domain/pushed-request.ts';
import { IdTokenHint } from '../protocol/id-token-hint.ts';
import { KnownResources } from '../protocol/known-resources.ts';
import { newToken } from '../protocol/new-token.ts';
import { RequestObjects } from '../protocol/request-objects.ts';
import { PushedRequests } from '../store/pushed-requests.ts';

/** RFC 9126 2.1 and 3: the request is checked as the authorization endpoint would, before any browser is involved. */
@Injectable()
export class PushAuthorizationRequest {
  constructor(
    private readonly pushedRequests: PushedRequests,
    private readonly objects: RequestObjects,
    private readonly hints: IdTokenHint,
    private readonly known: KnownResources,
    private readonly clock: Clock,
  ) {}

  /**
   * @param provenKey that a DPoP proof beside the parameters shows: the code is bound to it (RFC 9449 10.1)
   * @throws OAuthError
   */
  async run(
    pushed: AuthorizationParameters,
    client: Client,
    provenKey: string | null,
  ): Promise<{ request_uri: string; expires_in: number }> {
    if (pushed.request_uri !== undefined)
      throw new OAuthError('invalid_request', 'request_uri cannot be pushed (RFC 9126 2.1)');
    const parameters = await this.objects.read(pushed, client);
    // FAPI 2.0 5.3.2.2: also where the client has one redirect URI only.
    if (parameters.redirect_uri === undefined && client.securityProfile === 'fapi2')
      throw new OAuthError('invalid_request', 'redirect_uri is missing');
    const returnAddress = returnAddressOf(parameters, client);
    if (!returnAddress) throw new OAuthError('invalid_request', 'redirect_uri is missing or not registered');
    const hintedAccountId = await this.hints.accountOf(parameters.id_token_hint, client);
    const resources = await this.known.current();
    const checked = checkAuthorizationRequest(parameters, returnAddress, client, resources, hintedAccountId);
    const request = { ...checked, dpopJkt: boundKey(checked.dpopJkt, provenKey) };
    const reference = newToken('request');
    const expiresAt = new Date(this.clock.now().getTime() + PUSHED_REQUEST_LIFETIME_S * 1_000);
    await this.pushedRequests.add(hashOf(reference), request, expiresAt);
    return { request_uri: requestUriOf(reference), expires_in: PUSHED_REQUEST_LIFETIME_S };
  }
}

/** RFC 9449 10.1: a client that says the key in both ways says the same. */
function boundKey(named: string | null, proven: string | null): string | null {
  if (named !== null && proven !== null && named !== proven)
    throw new OAuthError('invalid_dpop_proof', 'the proof is of another key than dpop_jkt');
  return named ?? proven;
}
