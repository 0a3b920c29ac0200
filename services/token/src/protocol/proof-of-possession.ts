import { Injectable } from '@nestjs/common';
import { DpopRefused, DpopVerifier } from '@gatehouse/authn';
import { clientCertificateOf, setAnswerHeader } from '@gatehouse/http';
import { OAuthError } from '@gatehouse/problem';
import type { FastifyRequest } from 'fastify';
import type { Client } from '../domain/client.ts';
import type { Confirmation } from '../domain/confirmation.ts';

/** Finds out which key a token request proves, so that its tokens are worth nothing without it. */
@Injectable()
export class ProofOfPossession {
  constructor(private readonly proofs: DpopVerifier) {}

  /**
   * RFC 9449 5: null without a proof, which a client that is registered for bound tokens must not leave out (5.2). One that
   * is registered for tokens bound to its certificate (RFC 8705 3) proves that by the connection.
   * @throws OAuthError invalid_dpop_proof, use_dpop_nonce, invalid_request without a certificate; Problem dependency-unavailable where a replay cannot be ruled out
   */
  async of(request: FastifyRequest, client: Client): Promise<Confirmation | null> {
    if (client.metadata.tls_client_certificate_bound_access_tokens) return certificateOf(request);
    const confirmation = await this.find(request);
    if (confirmation || !mustProve(client)) return confirmation;
    throw new OAuthError('invalid_dpop_proof', 'the client is registered for tokens that are bound to a key');
  }

  /** The same where a proof is welcome and nobody has to bring one; null without. */
  async find({ headers, method, url: path }: FastifyRequest): Promise<Confirmation | null> {
    const proof = headers['dpop'];
    if (proof === undefined) return null;
    try {
      const { jkt, nonce } = await this.proofs.verify({ proof, method, path });
      const next = this.proofs.nonces.current();
      if (nonce !== next) setAnswerHeader('dpop-nonce', next);
      return { jkt };
    } catch (error) {
      if (!(error instanceof DpopRefused)) throw error;
      const nonce: Record<string, string> =
        error.code === 'use_dpop_nonce' ? { 'dpop-nonce': this.proofs.nonces.current() } : {};
      throw new OAuthError(error.code, error.reason, { headers: nonce, cause: error.cause });
    }
  }
}

/** Two keys at once would leave open which of them the token needs. */
function certificateOf(request: FastifyRequest): Confirmation {
  if (request.headers['dpop'] !== undefined)
    throw new OAuthError('invalid_dpop_proof', 'the client is registered for tokens that are bound to its certificate');
  const certificate = clientCertificateOf(request);
  if (!certificate)
    throw new OAuthError('invalid_request', 'the client is registered for tokens that are bound to its certificate');
  return { 'x5t#S256': certificate.thumbprint };
}

function mustProve({ metadata, securityProfile }: Client): boolean {
  return metadata.dpop_bound_access_tokens || securityProfile === 'fapi2';
}
