import { ServiceToken } from '@gatehouse/authn';
import { checkPermission } from '@gatehouse/contracts';
import { withDeadline } from '@gatehouse/lifecycle';
import { Problem } from '@gatehouse/problem';
import { PermissionChecker } from './permission-checker.ts';
import type { PermissionAnswer, PermissionQuestion } from './permission-checker.ts';

export interface AuthorizationClientOptions {
  /** The authorization service's base URL, which is also the audience of the token that calls it. */
  readonly url: string;
  /** From the question to the answer, a token request included; 2 s unless told. */
  readonly deadlineMs?: number;
}

/**
 * Asks the authorization service over HTTP, on kept-alive connections and within the caller's trace. It fails closed: without
 * an answer in time there is a 503, never an allow.
 */
export class AuthorizationClient extends PermissionChecker {
  private readonly checkUrl: string;
  private readonly deadlineMs: number;

  constructor(
    private readonly options: AuthorizationClientOptions,
    private readonly tokens: ServiceToken,
  ) {
    super();
    this.checkUrl = options.url + checkPermission.path;
    this.deadlineMs = options.deadlineMs ?? 2_000;
  }

  override async check(question: PermissionQuestion): Promise<PermissionAnswer> {
    try {
      const answer = this.ask(question, AbortSignal.timeout(this.deadlineMs));
      return await withDeadline(answer, this.deadlineMs, `no decision within ${this.deadlineMs} ms`);
    } catch (cause) {
      throw new Problem('dependency-unavailable', { detail: 'Permissions cannot be checked.', cause });
    }
  }

  private async ask(question: PermissionQuestion, signal: AbortSignal): Promise<PermissionAnswer> {
    let { response, token } = await this.post(question, signal);
    if (response.status === 401) {
      // The token may have been revoked before its time; a fresh one is tried once.
      await response.body?.cancel();
      this.tokens.discard(this.options.url, token);
      ({ response, token } = await this.post(question, signal));
    }
    if (response.status !== 200)
      throw new Error(`${this.checkUrl} answered ${response.status}: ${await response.text()}`);
    const { allowed, belongs } = checkPermission.success.body.parse(await response.json());
    return { allowed, belongs };
  }

  private async post(
    question: PermissionQuestion,
    signal: AbortSignal,
  ): Promise<{ response: Response; token: string }> {
    const token = await this.tokens.for(this.options.url);
    const response = await fetch(this.checkUrl, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(question),
      redirect: 'error',
      signal,
    });
    return { response, token };
  }
}
