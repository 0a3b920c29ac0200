import { Injectable } from '@nestjs/common';
import { setActor } from '@gatehouse/telemetry';
import type { FastifyRequest } from 'fastify';
import { LoadedRevocations } from './loaded-revocations.ts';
import type { Principal } from './principal.ts';
import { TokenVerifier } from './token-verifier.ts';
import { tokenMissing } from './unauthenticated.ts';

const principals = new WeakMap<FastifyRequest, Principal>();

/** Finds out who sent a request, once, and makes it the actor of everything that the request causes. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly revocations: LoadedRevocations,
  ) {}

  /**
   * Throws `unauthenticated` where there is no valid access token in the Authorization header (RFC 6750 2.1), and
   * `dependency-unavailable` where that cannot be told yet.
   */
  async authenticate(request: FastifyRequest): Promise<Principal> {
    const known = principals.get(request);
    if (known) return known;
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) throw tokenMissing();
    this.revocations.require();
    const principal = await this.verifier.verify(token);
    // Again: the process may have been frozen since, and then the token may have been revoked in the meantime.
    this.revocations.require();
    principals.set(request, principal);
    setActor(principal.kind, principal.id);
    return principal;
  }
}

/** The caller of an authenticated request; undefined where nobody was asked for a token. */
export function principalOf(request: FastifyRequest): Principal | undefined {
  return principals.get(request);
}

/** The scheme is case-insensitive (RFC 9110 11.1); a token in the query or in a form is not looked for. */
function bearerToken(header: string | undefined): string | undefined {
  return /^bearer +([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1];
}
