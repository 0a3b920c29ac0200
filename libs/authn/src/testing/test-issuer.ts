import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK, JWTHeaderParameters, JWTPayload } from 'jose';

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export interface TokenOptions {
  readonly audience: string | readonly string[];
  /** Account or client id. */
  readonly subject: string;
  /** The same as `subject` unless told: then the token is the client's own. */
  readonly clientId?: string;
  readonly expiresInSeconds?: number;
  /** Overrides or adds claims; `undefined` removes one. */
  readonly claims?: JWTPayload;
  readonly header?: Partial<JWTHeaderParameters>;
}

/**
 * A token issuer for tests: real ES256 tokens, and over HTTP the metadata, the JWKS and a client_credentials endpoint. It can be
 * cut off (`down`) and it counts what it was asked.
 */
export class TestIssuer {
  private keys: SigningKey[] = [];
  private readonly requests = new Map<string, number>();
  /** Every request is answered 503. */
  down = false;
  /** Accounts by what their clients call them: whom introspection says that a token is about. */
  readonly accounts = new Map<string, string>();
  /** Seconds that an access token of `/oauth/token` lives. */
  expiresIn = 300;

  private constructor(private readonly server: Server) {}

  /** Listens on a free port of 127.0.0.1 with one signing key. */
  static async start(): Promise<TestIssuer> {
    const server = createServer();
    const issuer = new TestIssuer(server);
    server.on('request', (request, response) => void issuer.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await issuer.rotate();
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The public keys as published. */
  get jwks(): { keys: JWK[] } {
    return { keys: this.keys.map((key) => key.publicJwk) };
  }

  get currentKey(): SigningKey {
    return this.keys.at(-1) as SigningKey;
  }

  /** How often `path` was asked for. */
  requestsOf(path: string): number {
    return this.requests.get(path) ?? 0;
  }

  /** Signs with a new key from now on; the old ones stay published unless `retireOld`. */
  async rotate({ retireOld = false } = {}): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const kid = randomUUID();
    const publicJwk: JWK = { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'ES256' };
    this.keys = [...(retireOld ? [] : this.keys), { kid, privateKey, publicJwk }];
  }

  /** An RFC 9068 access token signed with the current key. */
  token({ audience, subject, clientId = subject, expiresInSeconds = 300, claims, header }: TokenOptions) {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({
      iss: this.url,
      aud: [audience].flat(),
      sub: subject,
      client_id: clientId,
      jti: randomUUID(),
      iat: now,
      exp: now + expiresInSeconds,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: this.currentKey.kid, ...header })
      .sign(this.currentKey.privateKey);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.url);
    this.requests.set(pathname, this.requestsOf(pathname) + 1);
    if (this.down) return void response.writeHead(503).end();
    const body = await this.bodyOf(pathname, request);
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
  }

  private async bodyOf(pathname: string, request: IncomingMessage): Promise<unknown> {
    if (pathname === '/.well-known/oauth-authorization-server')
      return { issuer: this.url, jwks_uri: `${this.url}/jwks`, token_endpoint: `${this.url}/oauth/token` };
    if (pathname === '/jwks') return this.jwks;
    if (pathname === '/api/v1/revocations') return { head: 0, complete_through: 0, revocations: [] };
    const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    if (pathname === '/oauth/introspect') return this.introspected(form.get('token') ?? '');
    if (pathname !== '/oauth/token') return undefined;
    const credentials = Buffer.from((request.headers.authorization ?? '').slice('Basic '.length), 'base64').toString();
    const subject = decodeURIComponent(credentials.split(':')[0] ?? '');
    const audience = form.get('resource') ?? this.url;
    const access_token = await this.token({ audience, subject, expiresInSeconds: this.expiresIn });
    return { access_token, token_type: 'Bearer', expires_in: this.expiresIn };
  }

  private introspected(token: string): object {
    const claims = decodeJwt(token);
    const sub = this.accounts.get(claims.sub ?? '');
    return sub === undefined ? { active: false } : { active: true, token_type: 'Bearer', ...claims, sub };
  }
}
