import { Problem } from '@gatehouse/problem';
import type { DpopErrorCode } from './dpop/dpop-refused.ts';

export type AuthenticationScheme = 'Bearer' | 'DPoP';

export interface Challenge {
  /** RFC 6750 3.1, RFC 9449 7.1 and RFC 9470 3; without one, no token was presented. */
  readonly error?: 'invalid_token' | 'insufficient_user_authentication' | DpopErrorCode;
  readonly scheme?: AuthenticationScheme;
  /** More for the challenge, and further headers. */
  readonly parameters?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A 401 with its challenge. `reason` is public: a sentence, without quotes or token contents. */
export class Unauthenticated extends Problem {
  override readonly name = 'Unauthenticated';

  constructor(
    readonly reason: string,
    readonly challenge: Challenge = {},
  ) {
    const { scheme = 'Bearer', error, parameters = [], headers, cause } = challenge;
    const named = error === undefined ? [] : [`error="${error}"`, `error_description="${reason}"`];
    const text = [...named, ...parameters].join(', ');
    super('unauthenticated', {
      detail: reason,
      cause,
      headers: { ...headers, 'www-authenticate': `${scheme} ${text}`.trim() },
    });
  }

  /** The same refusal, said to a client that uses `scheme`, with these parameters after its own. */
  by(scheme: AuthenticationScheme, added: readonly string[]): Unauthenticated {
    const parameters = [...(this.challenge.parameters ?? []), ...added];
    return new Unauthenticated(this.reason, { ...this.challenge, scheme, parameters });
  }

  /** The same refusal with a second challenge after the first: the client may choose (RFC 9110 11.6.1). */
  or(scheme: AuthenticationScheme, parameters: readonly string[]): Problem {
    const challenges = `${this.headers['www-authenticate']}, ${scheme} ${parameters.join(', ')}`;
    return new Problem('unauthenticated', { detail: this.reason, headers: { 'www-authenticate': challenges } });
  }
}

/** No token was presented: the bare challenge of RFC 6750 3.1, without an error code. */
export function tokenMissing(): Unauthenticated {
  return new Unauthenticated('Send an access token as Authorization: Bearer <token>.');
}

/** A token was presented and refused (RFC 6750 3.1). `reason` is public: a sentence, without quotes or token contents. */
export function invalidToken(reason: string, cause?: unknown): Unauthenticated {
  return new Unauthenticated(reason, { error: 'invalid_token', cause });
}
