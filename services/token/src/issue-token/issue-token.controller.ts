import { Controller, Req } from '@nestjs/common';
import { issueToken, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import type { FastifyRequest } from 'fastify';
import { ClientAuthentication } from '../protocol/client-authentication.ts';
import { ProofOfPossession } from '../protocol/proof-of-possession.ts';
import { IssueToken } from './issue-token.ts';
import type { TokenResponse } from './token-grant.ts';

@Controller()
export class IssueTokenController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly proofs: ProofOfPossession,
    private readonly issueToken: IssueToken,
  ) {}

  @Endpoint(issueToken)
  async handle(
    @Input() { headers, form }: InputOf<typeof issueToken>,
    @Req() request: FastifyRequest,
  ): Promise<TokenResponse> {
    const client = await this.clients.authenticate({ ...form, ...headers });
    return this.issueToken.run(form, client, await this.proofs.of(request, client));
  }
}
