import type { Secret } from '@gatehouse/config';
import { issueToken } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import type { IssuerMetadata } from './issuer-metadata.ts';

const DEADLINE_MS = 2_000;
/** A token is replaced when this share of its life has passed, so that none expires on its way. */
const USABLE_SHARE = 0.8;

export interface ServiceClient {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

interface HeldToken {
  readonly token: string;
  readonly usableUntilMs: number;
}

/**
 * Access tokens with which this service calls others: client_credentials (RFC 6749 4.4) for one resource each (RFC 8707),
 * kept for 80% of their life and requested once however many callers wait.
 */
export class ServiceToken {
  private readonly held = new Map<string, HeldToken>();
  private readonly requests = new Map<string, Promise<string>>();

  constructor(
    private readonly client: ServiceClient,
    private readonly metadata: IssuerMetadata,
    /** Scope of every token (RFC 6749 3.3); without one they carry none. */
    private readonly scope?: string,
  ) {}

  /** A token whose audience is `resource`, the other service's base URL. Throws `dependency-unavailable`. */
  async for(resource: string): Promise<string> {
    const held = this.held.get(resource);
    if (held && performance.now() < held.usableUntilMs) return held.token;
    const underWay = this.requests.get(resource);
    if (underWay) return underWay;
    const request = this.request(resource).finally(() => this.requests.delete(resource));
    this.requests.set(resource, request);
    return request;
  }

  /** Forgets `token` because the other service refused it; the next call requests a new one. */
  discard(resource: string, token: string): void {
    if (this.held.get(resource)?.token === token) this.held.delete(resource);
  }

  private async request(resource: string): Promise<string> {
    const requestedAtMs = performance.now();
    try {
      const { token_endpoint } = await this.metadata.endpoints();
      const response = await fetch(token_endpoint, {
        method: 'POST',
        headers: { authorization: basicCredentials(this.client), accept: 'application/json' },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          resource,
          ...(this.scope !== undefined && { scope: this.scope }),
        }),
        redirect: 'error',
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      if (!response.ok) throw new Error(`${token_endpoint} answered ${response.status}: ${await response.text()}`);
      const { access_token, expires_in } = issueToken.success.body.parse(await response.json());
      const usableUntilMs = requestedAtMs + expires_in * 1_000 * USABLE_SHARE;
      this.held.set(resource, { token: access_token, usableUntilMs });
      return access_token;
    } catch (cause) {
      throw new Problem('dependency-unavailable', { detail: 'The token issuer cannot be reached.', cause });
    }
  }
}

/** RFC 6749 2.3.1: both parts are form-encoded before they are joined. */
export function basicCredentials({ clientId, clientSecret }: ServiceClient): string {
  const parts = [clientId, clientSecret.reveal()].map((part) => new URLSearchParams([['', part]]).toString().slice(1));
  return `Basic ${Buffer.from(parts.join(':')).toString('base64')}`;
}
