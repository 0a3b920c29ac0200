import { Injectable, Optional } from '@nestjs/common';
import { endpointOf } from '@gatehouse/http';
import type { Problem } from '@gatehouse/problem';
import { setActor } from '@gatehouse/telemetry';
import type { FastifyRequest } from 'fastify';
import { TokenBinding, type Credentials } from './dpop/token-binding.ts';
import { LoadedRevocations } from './loaded-revocations.ts';
import type { Principal } from './principal.ts';
import { ProtectedResource } from './protected-resource.ts';
import { requireAuthentication } from './required-authentication.ts';
import { TokenIntrospection } from './token-introspection.ts';
import { TokenVerifier } from './token-verifier.ts';
import { tokenMissing, Unauthenticated } from './unauthenticated.ts';

const principals = new WeakMap<FastifyRequest, Principal>();

/** Finds out who sent a request, once, and makes it the actor of everything that the request causes. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly revocations: LoadedRevocations,
    private readonly binding: TokenBinding,
    private readonly resource: ProtectedResource,
    @Optional() private readonly introspection?: TokenIntrospection,
  ) {}

  /**
   * Throws `unauthenticated` where there is no valid access token in the Authorization header (RFC 6750 2.1), or it is bound
   * to a key that the request does not prove (RFC 9449 7), or the login behind it is not what the endpoint's declaration asks
   * for (RFC 9470), and `dependency-unavailable` where that cannot be told yet, or it is not known which tokens were revoked. An
   * endpoint may choose that the issuer is asked about the token then.
   */
  async authenticate(request: FastifyRequest): Promise<Principal> {
    const known = principals.get(request);
    if (known) return known;
    const credentials = credentialsOf(request.headers.authorization);
    if (!credentials) throw this.missing();
    const fallback = endpointOf(request)?.whenStale === 'introspection' ? this.introspection : undefined;
    if (!fallback) this.revocations.require();
    const principal = await this.verified(request, credentials, fallback);
    // Again: the process may have been frozen since, and then the token may have been revoked in the meantime.
    if (!fallback) this.revocations.require();
    principals.set(request, principal);
    setActor(principal.kind, principal.id);
    return principal;
  }

  /** @param fallback who is asked about the token where it is not known which ones were revoked */
  private async verified(
    request: FastifyRequest,
    credentials: Credentials,
    fallback: TokenIntrospection | undefined,
  ): Promise<Principal> {
    try {
      const principal = await this.verifier.verify(credentials.token);
      await this.binding.check(request, credentials, principal);
      const required = endpointOf(request)?.authentication;
      if (required) requireAuthentication(principal, required, Date.now());
      // Last, so that nothing is waited for after it: what is true now is what decides.
      if (fallback && !this.revocations.current) await fallback.requireActive(credentials.token);
      return principal;
    } catch (error) {
      if (!(error instanceof Unauthenticated)) throw error;
      const { scheme } = credentials;
      throw error.by(scheme, scheme === 'DPoP' ? this.dpopParameters : this.resource.challengeParameters);
    }
  }

  /** Both schemes, where this service knows both (RFC 9449 7.1). */
  private missing(): Problem {
    const bearer = tokenMissing().by('Bearer', this.resource.challengeParameters);
    return this.binding.challengeParameters.length === 0 ? bearer : bearer.or('DPoP', this.dpopParameters);
  }

  private get dpopParameters(): readonly string[] {
    return [...this.binding.challengeParameters, ...this.resource.challengeParameters];
  }
}

/** The caller of an authenticated request; undefined where nobody was asked for a token. */
export function principalOf(request: FastifyRequest): Principal | undefined {
  return principals.get(request);
}

/** The scheme is case-insensitive (RFC 9110 11.1); a token in the query or in a form is not looked for. */
function credentialsOf(header: string | undefined): Credentials | undefined {
  const [, scheme, token] = /^(bearer|dpop) +([\w.~+/-]+=*)$/i.exec(header ?? '') ?? [];
  if (scheme === undefined || token === undefined) return undefined;
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token };
}
