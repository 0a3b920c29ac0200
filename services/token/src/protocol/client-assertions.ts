import { Injectable } from '@nestjs/common';
import { ReplayedIds } from '@gatehouse/authn';
import { signingAlgorithms } from '@gatehouse/contracts';
import { decodeJwt, errors, jwtVerify, type CryptoKey, type JWSHeaderParameters, type JWTPayload } from 'jose';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import type { Client } from '../domain/client.ts';
import { ClientKeys } from './client-keys.ts';
import { ClientSecrets } from './client-secrets.ts';

/** RFC 7523 2.2. */
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** RFC 7518 3.2: a secret of 256 random bits is as long as the hash. */
export const SECRET_ALGORITHM = 'HS256';

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

/** JWTs by which clients prove who they are: private_key_jwt and client_secret_jwt (RFC 7523, OIDC Core 9). */
@Injectable()
export class ClientAssertions {
  constructor(
    private readonly keys: ClientKeys,
    private readonly secrets: ClientSecrets,
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

  /** By the registered method alone: what signs for one must not verify for the other. */
  private async verified(assertion: string, client: Client): Promise<JWTPayload | null> {
    switch (client.metadata.token_endpoint_auth_method) {
      case 'private_key_jwt':
        return this.verifiedBy((header) => this.keys.find(client, header), algorithmsOf(client), assertion, client);
      case 'client_secret_jwt':
        return this.verifiedBySecret(assertion, client);
      default:
        return null;
    }
  }

  /** Two secrets are live while one replaces the other. */
  private async verifiedBySecret(assertion: string, client: Client): Promise<JWTPayload | null> {
    for (const secret of this.secrets.open(client)) {
      const key = Buffer.from(secret, 'utf8');
      const payload = await this.verifiedBy(() => key, [SECRET_ALGORITHM], assertion, client);
      if (payload) return payload;
    }
    return null;
  }

  private async verifiedBy(
    key: (header: JWSHeaderParameters) => Promise<CryptoKey> | Uint8Array,
    algorithms: string[],
    assertion: string,
    client: Client,
  ): Promise<JWTPayload | null> {
    try {
      const { payload } = await jwtVerify(assertion, key, {
        algorithms,
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
