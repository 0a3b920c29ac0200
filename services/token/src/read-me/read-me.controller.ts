import { Controller } from '@nestjs/common';
import { CurrentPrincipal, type Principal } from '@gatehouse/authn';
import { readMe, type OutputOf } from '@gatehouse/contracts';
import { Endpoint } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { Accounts } from '../store/accounts.ts';
import { Clients } from '../store/clients.ts';

@Controller()
export class ReadMeController {
  constructor(
    private readonly accounts: Accounts,
    private readonly clients: Clients,
  ) {}

  @Endpoint(readMe)
  async handle(@CurrentPrincipal() principal: Principal): Promise<OutputOf<typeof readMe>> {
    const { id, clientId: client_id, kind } = principal;
    const scope = principal.scope.join(' ');
    if (kind === 'client') return { kind, id, client_id, scope };
    await this.requirePublicSubjects(client_id);
    const account = await this.accounts.find(id);
    if (!account) throw new Problem('unauthenticated', { cause: new Error(`account ${id} is gone`) });
    return {
      kind,
      id,
      client_id,
      scope,
      last_login_at: account.lastLoginAt?.toISOString() ?? null,
      ...(principal.scope.includes('email')
        ? { email: account.address, email_verified: account.verifiedAt !== null }
        : {}),
    };
  }

  /** OIDC Core 8.1: a client that calls the account something else does not learn here what its id is. */
  private async requirePublicSubjects(id: string): Promise<void> {
    const client = this.clients.remembered(id) ?? (await this.clients.find(id));
    if (client?.metadata.subject_type !== 'public')
      throw new Problem('permission-denied', { detail: 'Applications with pairwise subjects read /oauth/userinfo.' });
  }
}
