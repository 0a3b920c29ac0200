import { Controller } from '@nestjs/common';
import { CurrentPrincipal, type Principal } from '@gatehouse/authn';
import { readUserinfo, readUserinfoByForm, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, SignedAnswer } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { TokenSettings } from '../config.ts';
import { selectClaims } from '../domain/userinfo-claims.ts';
import type { Client } from '../domain/client.ts';
import { EncryptedResponses } from '../protocol/encrypted-responses.ts';
import { KeyRing } from '../protocol/key-ring.ts';
import { SubjectIdentifiers } from '../protocol/subject-identifiers.ts';
import { Accounts } from '../store/accounts.ts';
import { Clients } from '../store/clients.ts';
import { Grants } from '../store/grants.ts';

type Claims = OutputOf<typeof readUserinfo>;

/** The userinfo endpoint (OIDC Core 5.3). */
@Controller()
export class ReadUserinfoController {
  constructor(
    private readonly accounts: Accounts,
    private readonly grants: Grants,
    private readonly clients: Clients,
    private readonly keys: KeyRing,
    private readonly subjects: SubjectIdentifiers,
    private readonly encrypted: EncryptedResponses,
    private readonly settings: TokenSettings,
  ) {}

  @Endpoint(readUserinfo)
  handle(@CurrentPrincipal() principal: Principal): Promise<Claims | SignedAnswer> {
    return this.answer(principal);
  }

  @Endpoint(readUserinfoByForm)
  handleForm(@CurrentPrincipal() principal: Principal): Promise<Claims | SignedAnswer> {
    return this.answer(principal);
  }

  /** OIDC Core 5.3.2: signed, and encrypted, where the client registered for it, and then always. */
  private async answer(principal: Principal): Promise<Claims | SignedAnswer> {
    const { clientId: aud } = principal;
    requireOpenId(principal);
    const client = this.clients.remembered(aud) ?? (await this.clients.find(aud));
    if (!client) throw new Problem('unauthenticated', { cause: new Error(`client ${aud} is gone`) });
    const claims = await this.claimsOf(principal, client);
    const { userinfo_signed_response_alg: algorithm } = client.metadata;
    if (algorithm === undefined) return claims;
    const signed = { ...readUserinfo.success.body.parse(claims), iss: this.settings.issuer, aud };
    const jwt = this.keys.sign('JWT', signed, algorithm);
    return new SignedAnswer(await this.encrypted.encrypt(jwt, client, 'userinfo'));
  }

  private async claimsOf({ id, grantId, scope }: Principal, client: Client): Promise<Claims> {
    const account = await this.accounts.find(id);
    if (!account) throw new Problem('unauthenticated', { cause: new Error(`account ${id} is gone`) });
    const requested = grantId === undefined ? null : await this.grants.claimsOf(grantId);
    const known = {
      sub: this.subjects.of(account.id, client),
      email: account.address,
      email_verified: account.verifiedAt !== null,
      ...(account.locale === null ? {} : { locale: account.locale }),
    };
    return selectClaims(known, scope, requested?.userinfo ?? null);
  }
}

/** RFC 6750 3.1. */
function requireOpenId({ kind, scope }: Principal): void {
  if (kind === 'account' && scope.includes('openid')) return;
  throw new Problem('permission-denied', {
    detail: 'The access token lacks the scope openid.',
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="openid"' },
  });
}
