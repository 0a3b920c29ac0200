import { Injectable } from '@nestjs/common';
import { clientRefused } from '@gatehouse/contracts';
import { Outbox } from '@gatehouse/messaging';
import { OAuthError } from '@gatehouse/problem';
import { setActor } from '@gatehouse/telemetry';
import { hasSecret, type Client } from '../domain/client.ts';
import { Clients } from '../store/clients.ts';
import { TokenLimits } from './token-limits.ts';

/** The parts of a request by which a client proves who it is. */
export interface PresentedCredentials {
  readonly authorization?: string | undefined;
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
}

/** What one method of authentication shows; `none` shows nothing but the id. */
type Credentials =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly id: string; readonly secret: string }
  | { readonly method: 'none'; readonly id: string };

/** Client authentication (RFC 6749 2.3, OIDC Core 9): by a secret in the header or in the form, or `none` for public clients. */
@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly clients: Clients,
    private readonly outbox: Outbox,
    private readonly limits: TokenLimits,
  ) {}

  /**
   * The client, which is the actor of the request from now on. An unknown client and a wrong secret get the same answer
   * after the same work, and both are audited; a request without usable credentials is only counted.
   * @throws OAuthError invalid_client, or invalid_request where two methods are used at once; Problem too-many-requests
   */
  async authenticate(presented: PresentedCredentials): Promise<Client> {
    const credentials = credentialsOf(presented);
    const client = await this.prove(credentials);
    setActor('client', client.id);
    return client;
  }

  /** A remembered client that does not match is read again: its secret may have changed since. */
  private async prove(credentials: Credentials): Promise<Client> {
    const { id } = credentials;
    this.limits.authentication(id);
    const remembered = this.clients.remembered(id);
    if (remembered && proves(remembered, credentials)) return remembered;
    const client = await this.clients.find(id);
    if (client && proves(client, credentials)) return client;
    if (credentials.method === 'none') throw refusal('client authentication is required');
    await this.limits.failedAuthentication(id);
    const reason = client ? 'wrong_secret' : 'unknown_client';
    await this.outbox.record(clientRefused, { client_id: id.slice(0, 200), reason });
    throw refusal('the client or its secret is wrong', { recorded: true });
  }
}

/**
 * A client registered for one of the two ways of sending its secret may use the other (RFC 6749 2.3.1); beyond that only
 * the method that it is registered for counts, so that nobody can choose a weaker one.
 */
function proves(client: Client, credentials: Credentials): boolean {
  const registered = client.metadata.token_endpoint_auth_method;
  if (credentials.method === 'none') return registered === 'none';
  const bySecret = registered === 'client_secret_basic' || registered === 'client_secret_post';
  return hasSecret(client, credentials.secret) && bySecret;
}

function credentialsOf({ authorization, client_id, client_secret }: PresentedCredentials): Credentials {
  if (authorization !== undefined) {
    const basic = basicCredentials(authorization);
    if (client_secret !== undefined) throw new OAuthError('invalid_request', 'two methods of client authentication');
    if (client_id !== undefined && client_id !== basic.id)
      throw new OAuthError('invalid_request', 'client_id is not the one in the Authorization header');
    return { method: 'client_secret_basic', ...basic };
  }
  if (client_id === undefined) throw refusal('client authentication is required');
  if (client_secret === undefined) return { method: 'none', id: client_id };
  return { method: 'client_secret_post', id: client_id, secret: client_secret };
}

/** RFC 6749 2.3.1: both parts are form-encoded inside the Base64 of RFC 7617. */
function basicCredentials(authorization: string): { id: string; secret: string } {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw refusal('the Authorization header is not of the Basic scheme');
  try {
    return { id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) };
  } catch {
    throw refusal('the credentials are not form-encoded');
  }
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

/** RFC 6749 5.2 and RFC 9110 11.6.1. */
function refusal(description: string, { recorded = false } = {}): OAuthError {
  return new OAuthError('invalid_client', description, {
    recorded,
    headers: { 'www-authenticate': 'Basic realm="gatehouse", charset="UTF-8"' },
  });
}
