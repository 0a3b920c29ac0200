import { Injectable } from '@nestjs/common';
import {
  KeySource,
  LoadedRevocations,
  RevocationList,
  SubjectSource,
  TokenVerifier,
  type Principal,
} from '@gatehouse/authn';
import { authorizationDetails } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { decodeJwt, type JWTPayload } from 'jose';
import { z } from 'zod';
import { TokenSettings } from '../config.ts';
import type { Actor, PresentedAccessToken } from '../domain/presented-access-token.ts';
import type { Resources } from '../domain/resource.ts';
import { KnownResources } from './known-resources.ts';

const actor: z.ZodType<Actor> = z.object({
  sub: z.string(),
  iss: z.string().optional(),
  get act() {
    return actor.optional();
  },
});

const claims = z.object({
  sub: z.string(),
  client_id: z.string(),
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
  jti: z.string(),
  exp: z.number(),
  scope: z.string().default(''),
  authorization_details: authorizationDetails.default([]),
  sub_ver: z.int().optional(),
  grant_id: z.string().optional(),
  sid: z.string().optional(),
  cnf: z.union([z.strictObject({ jkt: z.string() }), z.strictObject({ 'x5t#S256': z.string() })]).optional(),
  act: actor.optional(),
  may_act: z.object({ sub: z.string(), iss: z.string().optional() }).optional(),
});

/** Access tokens of ours, for whichever service, that come as a parameter of a request. */
@Injectable()
export class PresentedTokens {
  private last:
    { readonly resources: Resources; readonly audiences: string; readonly verifier: TokenVerifier } | undefined;

  constructor(
    private readonly settings: TokenSettings,
    private readonly known: KnownResources,
    private readonly loaded: LoadedRevocations,
    private readonly keys: KeySource,
    private readonly revocations: RevocationList,
    private readonly subjects: SubjectSource,
  ) {}

  /**
   * The claims of a valid access token, with the account as its `sub`, whatever its client calls it; null for anything else.
   * @throws Problem dependency-unavailable where it is not known which tokens were revoked
   */
  async verify(token: string): Promise<JWTPayload | null> {
    const verifier = await this.verifier();
    this.loaded.require();
    const principal = await principalOf(verifier, token);
    if (!principal) return null;
    // Again: the process may have been frozen since.
    this.loaded.require();
    const claims: JWTPayload = decodeJwt(token);
    return { ...claims, sub: principal.id };
  }

  /** Another one where there are other resources: a token for one that was removed is worth nothing any more. */
  private async verifier(): Promise<TokenVerifier> {
    const resources = await this.known.current();
    if (this.last?.resources === resources) return this.last.verifier;
    const audience = resources.map(({ url }) => url);
    const audiences = audience.join(' ');
    const expected = { issuer: this.settings.issuer, audience };
    // The one that there is remembers what it has verified.
    const kept = this.last?.audiences === audiences ? this.last.verifier : undefined;
    const verifier = kept ?? new TokenVerifier(expected, this.keys, this.revocations, this.subjects);
    this.last = { resources, audiences, verifier };
    return verifier;
  }

  /** The same, read. @throws Problem like `verify` */
  async read(token: string): Promise<PresentedAccessToken | null> {
    const claims = await this.verify(token);
    return claims && presentedAccessToken(claims);
  }
}

async function principalOf(verifier: TokenVerifier, token: string): Promise<Principal | null> {
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (error instanceof Problem && error.code === 'unauthenticated') return null;
    throw error;
  }
}

/** Reads the claims of a token that was verified; throws where it is none of ours. */
function presentedAccessToken(payload: JWTPayload): PresentedAccessToken {
  const { sub, client_id, aud, jti, exp, scope, sub_ver, grant_id, sid, cnf, act, may_act, ...rest } =
    claims.parse(payload);
  return {
    subject: sub,
    clientId: client_id,
    audience: aud,
    scope: scope.split(' ').filter(Boolean),
    authorizationDetails: rest.authorization_details,
    jti,
    expiresAt: new Date(exp * 1_000),
    ...(sub_ver !== undefined && { subjectVersion: sub_ver }),
    ...(grant_id !== undefined && { grantId: grant_id }),
    ...(sid !== undefined && { sessionId: sid }),
    confirmation: cnf ?? null,
    actor: act ?? null,
    mayAct: may_act ?? null,
  };
}
