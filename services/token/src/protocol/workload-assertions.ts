import { Injectable } from '@nestjs/common';
import { ReplayedIds } from '@gatehouse/authn';
import { OutboundFailed, OutboundRefused } from '@gatehouse/outbound';
import { OAuthError, Problem } from '@gatehouse/problem';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { mayUse, type Client } from '../domain/client.ts';
import { mappedSubject } from '../domain/trusted-issuer.ts';
import { Clients } from '../store/clients.ts';
import { TrustedIssuers, type TrustedIssuer } from '../store/trusted-issuers.ts';
import { ClientKeys } from './client-keys.ts';
import { TokenLimits } from './token-limits.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** RFC 7523 3: what is valid unreasonably long is refused; identities of CI jobs and of pods live for an hour at most. */
const LIFETIME_S_MAX = 3_600;
/** Issuers' clocks may be that much ahead. */
const AHEAD_S_MAX = 10;

/** Guesses at workloads that are not mapped count together; no client has this id. */
const NOBODY = '';

/** What an assertion says before anything of it is verified. */
export interface AssertedWorkload {
  readonly issuer: TrustedIssuer;
  readonly subject: string;
  readonly client: Client;
  /** What the administrator lets this workload ask for. */
  readonly scope: readonly string[];
}

/** Assertions of trusted issuers about their workloads (RFC 7523 2.1): which client it is, and whether that is true. */
@Injectable()
export class WorkloadAssertions {
  constructor(
    private readonly issuers: TrustedIssuers,
    private readonly clients: Clients,
    private readonly keys: ClientKeys,
    private readonly replays: ReplayedIds,
    private readonly limits: TokenLimits,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * The client that an administrator says the subject is; nothing is verified yet.
   * @throws OAuthError invalid_request without an assertion; invalid_grant where nobody is mapped
   */
  async claimed(assertion: string | undefined): Promise<AssertedWorkload> {
    if (assertion === undefined) throw new OAuthError('invalid_request', 'assertion is missing');
    this.limits.authentication(NOBODY);
    const { iss, sub } = payloadOf(assertion);
    const issuer = typeof iss === 'string' && isStorable(iss) ? await this.issuers.findByIssuer(iss) : null;
    const mapped = issuer && typeof sub === 'string' ? mappedSubject(issuer, sub) : undefined;
    const client = mapped && (await this.clients.find(mapped.client_id));
    if (!issuer || !mapped || !client || !mayUse(client, JWT_BEARER)) {
      await this.limits.failedAuthentication(NOBODY);
      throw refused();
    }
    return { issuer, subject: mapped.subject, client, scope: mapped.scope.split(' ').filter(Boolean) };
  }

  /**
   * Whether the issuer signed this, for us, just now. `useOnce` has to follow.
   * @throws Problem dependency-unavailable where the issuer's keys cannot be fetched
   */
  async verified(assertion: string, { issuer, subject }: AssertedWorkload): Promise<JWTPayload | null> {
    try {
      const { payload } = await jwtVerify(assertion, (header) => this.keys.fetched(issuer.jwks_uri, header), {
        algorithms: [...issuer.algorithms],
        issuer: issuer.issuer,
        subject,
        requiredClaims: ['jti', 'exp', 'aud'],
        clockTolerance: AHEAD_S_MAX,
        currentDate: this.clock.now(),
      });
      return namesItsKey(assertion) && this.isForUsOnly(payload) && this.isFresh(payload) ? payload : null;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      if (error instanceof OutboundFailed || error instanceof OutboundRefused)
        throw new Problem('dependency-unavailable', {
          detail: 'The keys of the issuer cannot be fetched.',
          cause: error,
        });
      throw error;
    }
  }

  /**
   * True the first time. Called last: only an assertion that is good otherwise counts as used.
   * @throws Problem dependency-unavailable where it cannot be told
   */
  useOnce({ iss: owner = '', jti: id = '', exp = 0 }: JWTPayload): Promise<boolean> {
    return this.replays.use({ kind: 'jwt-bearer', owner, id, expiresAt: exp + AHEAD_S_MAX });
  }

  /** An audience beside ours could present the assertion here, too; so there is none. */
  private isForUsOnly({ aud }: JWTPayload): boolean {
    const { issuer } = this.settings;
    const audiences = [aud ?? []].flat();
    return audiences.length > 0 && audiences.every((one) => one === issuer || one === `${issuer}/oauth/token`);
  }

  private isFresh({ exp = 0, iat, jti }: JWTPayload): boolean {
    const now = this.clock.now().getTime() / 1_000;
    if (exp - now > LIFETIME_S_MAX || (iat !== undefined && iat - now > AHEAD_S_MAX)) return false;
    return typeof jti === 'string' && jti.length > 0 && jti.length <= 256;
  }
}

/** The same text whatever is wrong with it, so that a failure is of no help to who tries another. */
export function refused({ recorded = false } = {}): OAuthError {
  return new OAuthError('invalid_grant', 'the assertion is not one of a workload that is trusted here', { recorded });
}

function payloadOf(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw refused();
  }
}

/** A key has to be named, and a JWT of another kind (RFC 8725 3.11) is no assertion. */
function namesItsKey(assertion: string): boolean {
  const { kid, typ } = decodeProtectedHeader(assertion);
  return typeof kid === 'string' && (typ === undefined || typ.toLowerCase() === 'jwt');
}

/** What the database cannot hold is in it under no spelling. */
function isStorable(text: string): boolean {
  return text.length <= 2_048 && text.isWellFormed() && !text.includes('\0');
}
