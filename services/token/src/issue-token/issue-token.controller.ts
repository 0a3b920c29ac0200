import { Controller } from '@nestjs/common';
import { issueToken, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { ClientAuthentication } from '../protocol/client-authentication.ts';
import { IssueToken } from './issue-token.ts';
import type { TokenResponse } from './token-grant.ts';

@Controller()
export class IssueTokenController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly issueToken: IssueToken,
  ) {}

  @Endpoint(issueToken)
  async handle(@Input() { headers, form }: InputOf<typeof issueToken>): Promise<TokenResponse> {
    const client = await this.clients.authenticate({ ...form, ...headers });
    return this.issueToken.run(form, client, null);
  }
}
