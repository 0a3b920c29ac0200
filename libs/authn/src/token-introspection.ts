import { introspectToken } from '@gatehouse/contracts';
import type { OutputOf } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { basicCredentials, type ServiceClient } from './service-token.ts';
import { invalidToken } from './unauthenticated.ts';

const DEADLINE_MS = 2_000;
/** An answer is as good as it is new: the same bound as that of a guard's own knowledge. */
const AGE_MAX_MS = 5_000;

/** Asks the token service about tokens (RFC 7662), by the client that this service is: it must be in their audience. */
export class TokenIntrospection {
  constructor(
    private readonly issuer: string,
    private readonly client: ServiceClient,
    /** Milliseconds of a monotonic clock that goes on while the process is frozen. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Throws `dependency-unavailable` where there is no answer. */
  async ask(token: string): Promise<OutputOf<typeof introspectToken>> {
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
      throw new Problem('dependency-unavailable', {
        detail: 'The token issuer cannot be reached.',
        retryAfterSeconds: 1,
        cause,
      });
    }
  }

  /** Throws `unauthenticated` where the issuer does not call the token active, and `dependency-unavailable`. */
  async requireActive(token: string): Promise<void> {
    const askedAtMs = this.now();
    const { active } = await this.ask(token);
    if (!active) throw invalidToken('The token was revoked.');
    // The process may have been frozen since, and then the token may have been revoked in the meantime.
    if (this.now() - askedAtMs > AGE_MAX_MS)
      throw new Problem('dependency-unavailable', {
        detail: 'The answer of the issuer is too old.',
        retryAfterSeconds: 1,
      });
  }
}
