import { Injectable } from '@nestjs/common';
import type { ClientCertificate } from '@gatehouse/http';
import { Clock } from '../clock.ts';
import type { Client } from '../domain/client.ts';
import { certificateOf, isSubject, isValidAt } from '../domain/client-certificate.ts';
import { ClientKeys } from './client-keys.ts';

/** Certificates by which clients prove who they are: tls_client_auth and self_signed_tls_client_auth (RFC 8705 2). */
@Injectable()
export class ClientCertificates {
  constructor(
    private readonly keys: ClientKeys,
    private readonly clock: Clock,
  ) {}

  /**
   * Whether the certificate is the client's, by the method that it registered. Of a self-signed one only the key counts, so it
   * has to be the very one that was registered.
   * @throws OAuthError invalid_client where the URL of the client's keys does not answer
   */
  async proves({ x509, issued }: ClientCertificate, client: Client): Promise<boolean> {
    if (!isValidAt(x509, this.clock.now())) return false;
    switch (client.metadata.token_endpoint_auth_method) {
      case 'tls_client_auth':
        return issued && isSubject(client.metadata, x509);
      case 'self_signed_tls_client_auth':
        return this.keys.some(client, (key) => certificateOf(key)?.raw.equals(x509.raw) ?? false);
      default:
        return false;
    }
  }
}
