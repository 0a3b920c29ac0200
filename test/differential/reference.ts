import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OidcProvider, { errors } from 'oidc-provider';

/** Beside whose behaviour Gatehouse's is held: the same interface as Gatehouse's own `Provider`. */
export interface Side {
  readonly issuer: string;
  readonly person: { readonly email: string; readonly password: string };
  /** A resource server that tokens can be for (RFC 8707). */
  readonly resource: string;
}

/** npm's `oidc-provider`, in its strictest configuration: PKCE for all, rotation, JWT access tokens, exact metadata. */
export class Reference implements Side {
  readonly person = { email: 'person@example.com', password: 'of the development pages', login: 'person@example.com' };
  readonly resource = 'https://api.example';

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
  ) {}

  static async start(): Promise<Reference> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // -- it listens on TCP
    server.on('request', new OidcProvider(issuer, configuration()).callback());
    return new Reference(server, issuer);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const SCOPE = 'openid email offline_access';

function configuration(): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'reference' };
  const enabled = { enabled: true };
  return {
    jwks: { keys: [key] },
    cookies: { keys: ['only for this test'] },
    scopes: SCOPE.split(' '),
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    clientDefaults: {
      id_token_signed_response_alg: 'ES256',
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: (_context: unknown, client: { grantTypeAllowed: (type: string) => boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: true }),
    }),
    features: {
      claimsParameter: enabled,
      devInteractions: enabled,
      clientCredentials: enabled,
      deviceFlow: enabled,
      dPoP: enabled,
      introspection: enabled,
      registration: enabled,
      registrationManagement: enabled,
      revocation: enabled,
      rpInitiatedLogout: enabled,
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'https://api.example',
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, resource: string) => {
          if (resource !== 'https://api.example') throw new errors.InvalidTarget();
          return { scope: SCOPE, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } };
        },
      },
    },
    ttl: { AccessToken: 900, AuthorizationCode: 60, ClientCredentials: 900, DeviceCode: 600, IdToken: 900 },
  };
}
