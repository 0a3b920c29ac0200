import { Injectable } from '@nestjs/common';
import { ReplayedIds } from '@gatehouse/authn';
import { signingAlgorithms } from '@gatehouse/contracts';
import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import type { Client } from '../domain/client.ts';
import { ClientKeys } from './client-keys.ts';

/** RFC 7523 2.2. */
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** RFC 7523 3: a server may refuse one that is valid unreasonably long; its id is remembered until then. */
const LIFETIME_S_MAX = 600;
/** FAPI 2.0 5.3.2.1: clients' clocks may be that much ahead. */
const AHEAD_S_MAX = 10;

/** The client that an assertion claims to be from; undefined where it is no JWT. Nothing is verified. */
export function clientIdOf(assertion: string): string | undefined {
  try {
    const { sub } = decodeJwt(assertion);
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}

/** JWTs by which clients prove who they are: private_key_jwt (RFC 7523, OIDC Core 9). */
@Injectable()
export class ClientAssertions {
  constructor(
    private readonly keys: ClientKeys,
    private readonly replays: ReplayedIds,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * Whether the client signed the assertion, for this server, just now, and presents it for the first time.
   * @throws Problem dependency-unavailable where it cannot be told whether it was used before
   */
  async proves(assertion: string, client: Client): Promise<boolean> {
    const payload = await this.verified(assertion, client);
    if (!payload || !this.isForUs(payload, client) || !this.isFresh(payload)) return false;
    const { jti: id = '', exp: expiresAt = 0 } = payload;
    return this.replays.use({ kind: 'client-assertion', owner: client.id, id, expiresAt });
  }

  private async verified(assertion: string, client: Client): Promise<JWTPayload | null> {
    try {
      const { payload } = await jwtVerify(assertion, (header) => this.keys.find(client, header), {
        algorithms: algorithmsOf(client),
        issuer: client.id,
        subject: client.id,
        requiredClaims: ['jti', 'exp', 'aud'],
        clockTolerance: AHEAD_S_MAX,
        currentDate: this.clock.now(),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  /** The issuer, or the token endpoint as RFC 7523 3 recommended; FAPI 2.0 5.3.2.1: the issuer as a single string. */
  private isForUs({ aud }: JWTPayload, client: Client): boolean {
    const { issuer } = this.settings;
    if (client.securityProfile === 'fapi2') return aud === issuer;
    return [aud].flat().some((audience) => audience === issuer || audience === `${issuer}/oauth/token`);
  }

  /** `exp` is checked already, with the tolerance that a client gets whose clock is behind. */
  private isFresh({ exp = 0, iat, jti }: JWTPayload): boolean {
    const now = this.clock.now().getTime() / 1_000;
    if (exp - now > LIFETIME_S_MAX || (iat !== undefined && iat - now > AHEAD_S_MAX)) return false;
    return typeof jti === 'string' && jti.length > 0 && jti.length <= 256;
  }
}

/** The one that the client registered, else any of ours; FAPI 2.0 5.4.1 leaves out RS256. */
function algorithmsOf({ metadata, securityProfile }: Client): string[] {
  const registered = metadata.token_endpoint_auth_signing_alg;
  const allowed = registered === undefined ? [...signingAlgorithms] : [registered];
  return allowed.filter(
    (algorithm) => algorithm !== 'HS256' && !(securityProfile === 'fapi2' && algorithm === 'RS256'),
  );
}
