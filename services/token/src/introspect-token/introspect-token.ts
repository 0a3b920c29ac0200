import { Injectable } from '@nestjs/common';
import { introspectToken, type OutputOf } from '@gatehouse/contracts';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { isPublic, type Client } from '../domain/client.ts';
import { tokenTypeOf, type Confirmation } from '../domain/confirmation.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { ownAudiences } from '../domain/resource.ts';
import { outlivesSession } from '../domain/scope.ts';
import { EncryptedResponses } from '../protocol/encrypted-responses.ts';
import { KeyRing } from '../protocol/key-ring.ts';
import { KnownResources } from '../protocol/known-resources.ts';
import { PresentedTokens } from '../protocol/presented-tokens.ts';
import { SubjectIdentifiers } from '../protocol/subject-identifiers.ts';
import { Grants } from '../store/grants.ts';

export type Introspection = OutputOf<typeof introspectToken>;
type AccessTokenClaims = Omit<Extract<Introspection, { active: true }>, 'active' | 'token_type' | 'cnf'> & {
  readonly cnf?: Confirmation;
};

const inactive: Introspection = { active: false };

/** Token introspection (RFC 7662). */
@Injectable()
export class IntrospectToken {
  constructor(
    private readonly grants: Grants,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
    private readonly tokens: PresentedTokens,
    private readonly keys: KeyRing,
    private readonly known: KnownResources,
    private readonly subjects: SubjectIdentifiers,
    private readonly encrypted: EncryptedResponses,
  ) {}

  /** @throws Problem dependency-unavailable where it is not known which tokens were revoked */
  async run(token: string, caller: Client): Promise<Introspection> {
    return token.includes('.') ? this.accessToken(token, caller) : this.refreshToken(token, caller);
  }

  /**
   * RFC 9701 5: who asked and when is signed too, so that the answer is good for nobody else. It has neither `sub` nor
   * `exp` of its own, or it could be taken for a token; it is of a type of its own for the same reason.
   */
  sign(introspection: Introspection, caller: Client): Promise<string> {
    const { id, metadata } = caller;
    const iat = Math.floor(this.clock.now().getTime() / 1_000);
    const token_introspection = introspectToken.success.body.parse(introspection);
    const claims = { iss: this.settings.issuer, aud: id, iat, token_introspection };
    const jwt = this.keys.sign('token-introspection+jwt', claims, metadata.introspection_signed_response_alg);
    return this.encrypted.encrypt(jwt, caller, 'introspection');
  }

  private async accessToken(token: string, caller: Client): Promise<Introspection> {
    const claims = (await this.tokens.verify(token)) as AccessTokenClaims | null; // -- ours, and verified
    if (!claims || !(await this.concerns(claims, caller))) return inactive;
    const { cnf, ...rest } = claims;
    // A resource learns the account; the client that holds the token learns what it calls the account anyway.
    const sub = claims.client_id === caller.id ? this.subjects.of(claims.sub, caller) : claims.sub;
    return { active: true, ...rest, sub, token_type: tokenTypeOf(cnf ?? null), ...(cnf && { cnf }) };
  }

  /** RFC 7662 4: whoever may not know a token may not learn that it is valid either. A public client proves nothing. */
  private async concerns({ client_id, aud }: AccessTokenClaims, caller: Client): Promise<boolean> {
    if (isPublic(caller)) return false;
    if (client_id === caller.id) return true;
    const own = ownAudiences(await this.known.current(), caller.id);
    return [aud].flat().some((one) => one !== undefined && own.includes(one));
  }

  private async refreshToken(token: string, caller: Client): Promise<Introspection> {
    const found = await this.grants.findLiveRefreshToken(hashOf(token), this.clock.now());
    if (!found || found.grant.clientId !== caller.id || isPublic(caller)) return inactive;
    const { grant, expiresAt } = found;
    return {
      active: true,
      iss: this.settings.issuer,
      sub: this.subjects.of(grant.accountId, caller),
      client_id: grant.clientId,
      token_type: 'refresh_token',
      scope: grant.scope.join(' '),
      ...(grant.authorizationDetails.length > 0 && { authorization_details: [...grant.authorizationDetails] }),
      exp: Math.floor(expiresAt.getTime() / 1_000),
      ...(outlivesSession(grant.scope) ? {} : { sid: grant.sessionId }),
      grant_id: grant.id,
    };
  }
}
