import { clientCertificateOf } from '@gatehouse/http';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../principal.ts';
import { invalidToken, Unauthenticated } from '../unauthenticated.ts';
import type { AuthenticationScheme } from '../unauthenticated.ts';
import { DpopRefused } from './dpop-refused.ts';
import type { DpopVerifier } from './dpop-verifier.ts';
import { dpopAlgorithms } from './proof-key.ts';

export interface Credentials {
  readonly scheme: AuthenticationScheme;
  readonly token: string;
}

const nextNonces = new WeakMap<FastifyRequest, string>();

/**
 * Whether a verified token may be used by whoever sent it (RFC 9449 7, RFC 8705 3): a bound one only with a proof of its
 * key or over a connection with its certificate, an unbound one only as Bearer. Asked at every use, however well the token itself is remembered.
 */
export class TokenBinding {
  /** What a challenge says about DPoP (RFC 9449 7.1); empty where this service does not verify it. */
  readonly challengeParameters: readonly string[];

  constructor(private readonly proofs: DpopVerifier | undefined) {
    this.challengeParameters = proofs ? [`algs="${dpopAlgorithms.join(' ')}"`] : [];
  }

  /** Throws `unauthenticated`, or `dependency-unavailable` where a replay cannot be ruled out. */
  async check(request: FastifyRequest, { scheme, token }: Credentials, { confirmation }: Principal): Promise<void> {
    if (confirmation === undefined) {
      if (scheme === 'Bearer') return;
      throw invalidToken('The token is not bound to a key: send it with the Bearer scheme.');
    }
    const { jkt, 'x5t#S256': thumbprint, ...others } = confirmation;
    // RFC 7800 3.1: a token that is bound in several ways is good only where each of them was verified.
    if ((jkt === undefined && thumbprint === undefined) || Object.keys(others).length > 0) throw unverifiable();
    if (thumbprint !== undefined) requireCertificate(request, thumbprint);
    if (jkt !== undefined) return this.checkKey(request, { scheme, token }, jkt);
    // RFC 8705 3: to the eye it is a bearer token.
    if (scheme !== 'Bearer') throw invalidToken('The token is bound to a certificate: send it with the Bearer scheme.');
  }

  private async checkKey(request: FastifyRequest, { scheme, token }: Credentials, jkt: unknown): Promise<void> {
    if (!this.proofs || typeof jkt !== 'string') throw unverifiable();
    if (scheme !== 'DPoP') throw invalidToken('The token is bound to a key: send it with the DPoP scheme and a proof.');
    await this.prove(this.proofs, request, { token, jkt });
  }

  private async prove(proofs: DpopVerifier, request: FastifyRequest, { token, jkt }: { token: string; jkt: string }) {
    const { method, url: path, headers } = request;
    try {
      const { nonce } = await proofs.verify({ proof: headers['dpop'], method, path, accessToken: token, jkt });
      const next = proofs.nonces.current();
      if (nonce !== next) nextNonces.set(request, next);
    } catch (error) {
      if (!(error instanceof DpopRefused)) throw error;
      const headers: Record<string, string> = {};
      if (error.code === 'use_dpop_nonce') headers['dpop-nonce'] = proofs.nonces.current();
      throw new Unauthenticated(error.reason, { error: error.code, headers, cause: error.cause });
    }
  }
}

/** RFC 8705 3: the certificate of the connection, or of the one to the proxy in front, is the token's. */
function requireCertificate(request: FastifyRequest, thumbprint: unknown): void {
  const shown = clientCertificateOf(request);
  if (!shown) throw invalidToken('The token is bound to a certificate, and the request came without one.');
  if (shown.thumbprint !== thumbprint) throw invalidToken('The token is bound to another certificate.');
}

function unverifiable(): Unauthenticated {
  return invalidToken('The token is bound in a way that this service cannot verify.');
}

/** The nonce that the client should use next (RFC 9449 8.2), where it is another one than it has. */
export function nextNonceOf(request: FastifyRequest): string | undefined {
  return nextNonces.get(request);
}
