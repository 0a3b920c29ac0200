import { Controller, Req } from '@nestjs/common';
import { issueToken, type InputOf, type TokenRequest } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import type { FastifyRequest } from 'fastify';
import { ClientAuthentication } from '../protocol/client-authentication.ts';
import { showsCredentials, type PresentedCredentials } from '../protocol/presented-credentials.ts';
import { EncryptedResponses } from '../protocol/encrypted-responses.ts';
import { ProofOfPossession } from '../protocol/proof-of-possession.ts';
import { JWT_BEARER, refused, WorkloadAssertions } from '../protocol/workload-assertions.ts';
import type { Client } from '../domain/client.ts';
import { IssueToken } from './issue-token.ts';
import type { TokenResponse } from './token-grant.ts';

@Controller()
export class IssueTokenController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly workloads: WorkloadAssertions,
    private readonly proofs: ProofOfPossession,
    private readonly encrypted: EncryptedResponses,
    private readonly issueToken: IssueToken,
  ) {}

  @Endpoint(issueToken)
  async handle(
    @Input() { headers, form }: InputOf<typeof issueToken>,
    @Req() request: FastifyRequest,
  ): Promise<TokenResponse> {
    const client = await this.clientOf({ ...form, ...headers });
    const confirmation = await this.proofs.of(request, client);
    await this.encrypted.prepare(client, 'id_token');
    return this.issueToken.run(form, client, confirmation);
  }

  /** RFC 7523 3.1: with an assertion of a trusted issuer a client needs no proof of its own; one that it shows has to be right. */
  private async clientOf(presented: TokenRequest & PresentedCredentials): Promise<Client> {
    const unproven = presented.grant_type === JWT_BEARER && !showsCredentials(presented);
    if (!unproven) return this.clients.authenticate(presented);
    const { client } = await this.workloads.claimed(presented.assertion);
    if ((presented.client_id ?? client.id) !== client.id) throw refused();
    return client;
  }
}
