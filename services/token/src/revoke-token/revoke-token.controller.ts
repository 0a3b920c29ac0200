import { Controller } from '@nestjs/common';
import { revokeToken, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { OAuthError } from '@gatehouse/problem';
import { ClientAuthentication } from '../protocol/client-authentication.ts';
import { RevokeToken } from './revoke-token.ts';

@Controller()
export class RevokeTokenController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly revokeToken: RevokeToken,
  ) {}

  @Endpoint(revokeToken)
  async handle(@Input() { headers, form }: InputOf<typeof revokeToken>): Promise<void> {
    const client = await this.clients.authenticate({ ...form, ...headers });
    if (form.token === undefined) throw new OAuthError('invalid_request', 'token is missing');
    await this.revokeToken.run(form.token, client);
  }
}
