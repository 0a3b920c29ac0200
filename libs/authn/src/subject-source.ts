import { introspectToken } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { basicCredentials, type ServiceClient } from './service-token.ts';

const DEADLINE_MS = 2_000;

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
  constructor(
    private readonly issuer: string,
    private readonly client: ServiceClient,
  ) {
    super();
  }

  async accountOf(token: string, subject: string): Promise<string | null> {
    const answer = await this.introspect(token);
    // The issuer tells the client of a token no more than the token itself does.
    return answer.active && answer.sub !== subject ? answer.sub : null;
  }

  private async introspect(token: string) {
    const url = this.issuer + introspectToken.path;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: basicCredentials(this.client), accept: 'application/json' },
        body: new URLSearchParams({ token }),
        redirect: 'error',
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      return introspectToken.success.body.parse(await response.json());
    } catch (cause) {
      throw new Problem('dependency-unavailable', { detail: 'The token issuer cannot be reached.', cause });
    }
  }
}
