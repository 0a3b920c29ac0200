import type { ServiceClient } from './service-token.ts';
import { TokenIntrospection } from './token-introspection.ts';

/** Who a token is about where its `sub` is what one client calls the account (OIDC Core 8.1, `subject_type` pairwise). */
export abstract class SubjectSource {
  /**
   * The account that a verified token is about; null where the issuer does not say so, since the token ended in the
   * meantime. Throws `dependency-unavailable`.
   *
   * @param subject the token's `sub`
   */
  abstract accountOf(token: string, subject: string): Promise<string | null>;
}

/** Asks the token service (RFC 7662), to which this service is in the audience of the token. */
export class IntrospectedSubjects extends SubjectSource {
  private readonly introspection: TokenIntrospection;

  constructor(issuer: string, client: ServiceClient) {
    super();
    this.introspection = new TokenIntrospection(issuer, client);
  }

  async accountOf(token: string, subject: string): Promise<string | null> {
    const answer = await this.introspection.ask(token);
    // The issuer tells the client of a token no more than the token itself does.
    return answer.active && answer.sub !== subject ? answer.sub : null;
  }
}
