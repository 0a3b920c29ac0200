import { Injectable } from '@nestjs/common';
import { clientRefused } from '@gatehouse/contracts';
import { clientCertificate } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { OAuthError } from '@gatehouse/problem';
import { setActor } from '@gatehouse/telemetry';
import { hasSecret, type Client } from '../domain/client.ts';
import { Clients } from '../store/clients.ts';
import { ClientAssertions } from './client-assertions.ts';
import { ClientCertificates } from './client-certificates.ts';
import { ClientIdDocuments } from './client-id-documents.ts';
import { credentialsOf, refusal, type Credentials, type PresentedCredentials } from './presented-credentials.ts';
import { TokenLimits } from './token-limits.ts';

/**
 * Client authentication (RFC 6749 2.3, OIDC Core 9): by a secret in the header or in the form, by a signed assertion, by the
 * certificate of the connection (RFC 8705 2), or `none` for public clients.
 */
@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly clients: Clients,
    private readonly assertions: ClientAssertions,
    private readonly certificates: ClientCertificates,
    private readonly documents: ClientIdDocuments,
    private readonly outbox: Outbox,
    private readonly limits: TokenLimits,
  ) {}

  /**
   * The client, which is the actor of the request from now on. An unknown client and a wrong secret get the same answer
   * after the same work, and both are audited; a request without usable credentials is only counted.
   * @throws OAuthError invalid_client, or invalid_request where two methods are used at once; Problem too-many-requests
   */
  async authenticate(presented: PresentedCredentials): Promise<Client> {
    const credentials = credentialsOf(presented, clientCertificate());
    const client = await this.prove(credentials);
    setActor('client', client.id);
    return client;
  }

  /** A remembered client that does not match is read again: its secret may have changed since. */
  private async prove(credentials: Credentials): Promise<Client> {
    const { id } = credentials;
    this.limits.authentication(id);
    await this.refreshDocument(id);
    const remembered = this.clients.remembered(id);
    if (remembered && provesAtOnce(remembered, credentials)) return remembered;
    const client = await this.clients.find(id);
    if (client && (provesAtOnce(client, credentials) || (await this.provesByKey(client, credentials)))) return client;
    if (credentials.method === 'none') throw refusal('client authentication is required');
    await this.limits.failedAuthentication(id);
    const reason = client ? reasonOf(credentials) : 'unknown_client';
    await this.outbox.record(clientRefused, { client_id: id, reason });
    throw refusal('the client or its secret is wrong', { recorded: true });
  }

  /** A document that is wrong counts like a wrong secret: each costs a request to somebody else's server. */
  private async refreshDocument(id: string): Promise<void> {
    try {
      await this.documents.refresh(id);
    } catch (error) {
      if (error instanceof OAuthError) await this.limits.failedAuthentication(id);
      throw error;
    }
  }

  private async provesByKey(client: Client, credentials: Credentials): Promise<boolean> {
    if (credentials.method === 'client_assertion') return this.assertions.proves(credentials.assertion, client);
    if (credentials.method !== 'client_certificate') return false;
    return this.certificates.proves(credentials.certificate, client);
  }
}

/**
 * A client registered for one of the two ways of sending its secret may use the other (RFC 6749 2.3.1); beyond that only
 * the method that it is registered for counts, so that nobody can choose a weaker one.
 */
function provesAtOnce(client: Client, credentials: Credentials): boolean {
  const registered = client.metadata.token_endpoint_auth_method;
  if (credentials.method === 'client_assertion') return false;
  // A public client shows a certificate for its tokens to be bound to.
  if (credentials.method === 'none' || credentials.method === 'client_certificate') return registered === 'none';
  const bySecret = registered === 'client_secret_basic' || registered === 'client_secret_post';
  return hasSecret(client, credentials.secret) && bySecret;
}

/** A certificate is counted with the assertions: both are proofs by a key, and whoever reads the event knows no third kind. */
function reasonOf({ method }: Credentials): 'wrong_assertion' | 'wrong_secret' {
  return method === 'client_assertion' || method === 'client_certificate' ? 'wrong_assertion' : 'wrong_secret';
}
