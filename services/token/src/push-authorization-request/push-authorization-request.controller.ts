import { Controller, Header, Req } from '@nestjs/common';
import { pushAuthorizationRequest, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { OAuthError } from '@gatehouse/problem';
import type { FastifyRequest } from 'fastify';
import { dpopKeyOf } from '../domain/confirmation.ts';
import { ClientAuthentication } from '../protocol/client-authentication.ts';
import { ProofOfPossession } from '../protocol/proof-of-possession.ts';
import { TokenLimits } from '../protocol/token-limits.ts';
import { PushAuthorizationRequest } from './push-authorization-request.ts';

@Controller()
export class PushAuthorizationRequestController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly limits: TokenLimits,
    private readonly proofs: ProofOfPossession,
    private readonly pushAuthorizationRequest: PushAuthorizationRequest,
  ) {}

  @Endpoint(pushAuthorizationRequest)
  @Header('cache-control', 'no-store')
  async handle(
    @Input() { headers, form }: InputOf<typeof pushAuthorizationRequest>,
    @Req() request: FastifyRequest,
  ): Promise<OutputOf<typeof pushAuthorizationRequest>> {
    const client = await this.clients.authenticate({ ...form, ...headers });
    await this.limits.keeping(pushAuthorizationRequest, client);
    if (form.client_id !== undefined && form.client_id !== client.id)
      throw new OAuthError('invalid_request', 'client_id is not the authenticated client');
    return this.pushAuthorizationRequest.run(form, client, dpopKeyOf(await this.proofs.find(request)));
  }
}
