import type { OAuthErrorCode } from '@gatehouse/contracts';

export interface OAuthErrorOptions {
  /** Instead of the code's usual status. */
  readonly status?: number;
  /** Private: logged, never sent. */
  readonly cause?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The refusal is a fact of its own in the audit log already, so it is not counted among the refused requests. */
  readonly recorded?: boolean;
}

/** RFC 6749 5.2: 400 unless the code says otherwise. */
const statuses: Partial<Record<OAuthErrorCode, number>> = {
  invalid_client: 401,
  invalid_token: 401,
  insufficient_scope: 403,
  server_error: 500,
  temporarily_unavailable: 503,
};

/** The characters that RFC 6749 5.2 allows in `error_description`. */
const outsideDescription = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g;

/**
 * An error of the OAuth endpoints (RFC 6749 5.2). `description` is public and for the client's developer; `cause` is
 * private and only logged.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly recorded: boolean;

  constructor(
    readonly code: OAuthErrorCode,
    readonly description?: string,
    options: OAuthErrorOptions = {},
  ) {
    super(description ?? code, { cause: options.cause });
    this.status = options.status ?? statuses[code] ?? 400;
    this.headers = options.headers ?? {};
    this.recorded = options.recorded ?? false;
  }

  /** The JSON body of RFC 6749 5.2. */
  toBody(): { error: OAuthErrorCode; error_description?: string } {
    if (this.description === undefined) return { error: this.code };
    return { error: this.code, error_description: this.description.replace(outsideDescription, ' ') };
  }
}
