import { Controller, Header } from '@nestjs/common';
import { pushAuthorizationRequest, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { OAuthError } from '@gatehouse/problem';
import { ClientAuthentication } from '../protocol/client-authentication.ts';
import { PushAuthorizationRequest } from './push-authorization-request.ts';

@Controller()
export class PushAuthorizationRequestController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly pushAuthorizationRequest: PushAuthorizationRequest,
  ) {}

  @Endpoint(pushAuthorizationRequest)
  @Header('cache-control', 'no-store')
  async handle(
    @Input() { headers, form }: InputOf<typeof pushAuthorizationRequest>,
  ): Promise<OutputOf<typeof pushAuthorizationRequest>> {
    const client = await this.clients.authenticate({ ...form, ...headers });
    if (form.client_id !== undefined && form.client_id !== client.id)
      throw new OAuthError('invalid_request', 'client_id is not the authenticated client');
    return this.pushAuthorizationRequest.run(form, client);
  }
}
