import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json as jsonOf } from 'node:stream/consumers';
import { checkPermission } from '@gatehouse/contracts';
import { Database, migrate, uuidv7 } from '@gatehouse/database';
import { startService, type RunningService } from '@gatehouse/http';
import { createSuite, eventually, type Suite } from '@gatehouse/testing';
import { decodeJwt, type JWTPayload } from 'jose';
import {
  authorizationPath,
  formOf,
  locationOf,
  newPkce,
  TestBrowser,
  type Form,
  type Pkce,
} from './browser.spec-support.ts';
import type { Seed } from './config.ts';
import { operator } from './operator.ts';
import { tokenService } from './service.ts';

export const PASSWORD = 'correct horse battery staple';

/** An event as the outbox holds it. */
export interface PublishedEvent {
  readonly type: string;
  readonly key: string;
  /** Null is a tombstone. */
  readonly data: Record<string, unknown> | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** The token service over real servers, with a view of what it stored and published. */
export class TokenHarness {
  private constructor(
    readonly suite: Suite,
    readonly service: RunningService,
    readonly issuer: string,
  ) {}

  /** A migrated suite with one running instance; `settings` override its environment. */
  static async start(name: string, settings: Record<string, string> = {}): Promise<TokenHarness> {
    const suite = await createSuite(name);
    await suite.migrate('token');
    const service = await startService(tokenService, { ...suite.env('token', { ports: 'reserved' }), ...settings });
    const harness = new TokenHarness(suite, service, suite.url('token'));
    try {
      await eventually(() => expect(service.health.readiness().failing).toEqual([]), { within: '30s' });
      return harness;
    } catch (error) {
      await harness.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.service.close();
    await this.suite.dispose();
  }

  /** A token of `admin` for the management API. */
  async adminToken(): Promise<string> {
    const form = { grant_type: 'client_credentials' };
    return (await tokensOf(await this.postForm('/oauth/token', form, this.client('admin')))).access_token;
  }

  /** A call with a JSON body, or without one, and an access token. */
  async call(
    method: string,
    path: string,
    options: { as?: string; json?: unknown; headers?: Record<string, string> } = {},
  ) {
    const { as, json, headers = {} } = options;
    return fetch(this.issuer + path, {
      method,
      headers: {
        ...(as !== undefined && { authorization: `Bearer ${as}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
  }

  /** A further instance of the service on the same servers; the caller closes it. */
  async another(settings: Record<string, string> = {}): Promise<RunningService> {
    const service = await startService(tokenService, { ...this.suite.env('token'), ...settings });
    await eventually(() => expect(service.health.readiness().failing).toEqual([]), { within: '30s' });
    return service;
  }

  /** Something of the running application, for what HTTP does not show. */
  part<T>(type: abstract new (...args: never[]) => T): T {
    return this.service.app.get<T>(type, { strict: false });
  }

  sql<T = Record<string, unknown>>(text: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return this.part(Database).query<T>(text, parameters);
  }

  /** Clients and verified accounts, created the way `gatehouse migrate` does it. */
  async seed(seed: Partial<{ [K in keyof Seed]: unknown[] }>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-seed-'));
    const path = join(folder, 'seed.json');
    writeFileSync(path, JSON.stringify(seed));
    await migrate(operator, 'up', { ...this.suite.operatorEnv(), SEED_FILE: path });
    rmSync(folder, { recursive: true });
  }

  /** A verified account with `PASSWORD`. */
  async account(): Promise<{ id: string; email: string; password: string }> {
    const account = { id: uuidv7(), email: `user-${uuidv7()}@example.com`, password: PASSWORD };
    await this.seed({ accounts: [account] });
    return account;
  }

  client(id: string): { id: string; secret: string; redirectUri: string } {
    const client = this.suite.seed.clients.find((one) => one.id === id);
    if (!client) throw new Error(`no client ${id}`);
    return { id, secret: client.secret, redirectUri: client.redirect_uris[0] ?? '' };
  }

  /** Everything published so far, in order; of one type or about one key where that is named. */
  async events(filter: { type?: string; key?: string } = {}): Promise<PublishedEvent[]> {
    const rows = await this.sql<{ key: string; headers: Record<string, string>; payload: string | null }>(
      `SELECT key, headers, payload FROM outbox WHERE topic LIKE 'token.%' AND topic <> 'token.dead-letters' OR topic LIKE 'email-%'
       ORDER BY xid, id`,
    );
    return rows
      .map(({ key, headers, payload }) => ({
        key,
        headers,
        type: headers['ce_type'] ?? '',
        data: payload === null ? null : (JSON.parse(payload) as Record<string, unknown>),
      }))
      .filter(({ type, key }) => (filter.type ?? type) === type && (filter.key ?? key) === key);
  }

  /** A code of this account for `demo`, straight from the login page. */
  async code(
    account: { email: string; password: string },
    changes: Parameters<typeof authorizationPath>[2] = {},
  ): Promise<{ code: string; pkce: Pkce }> {
    const browser = new TestBrowser(this.issuer);
    const pkce = newPkce();
    const page = await browser.openLogin(authorizationPath(this.client('demo'), pkce, changes));
    const { email, password } = account;
    const code = locationOf(await browser.submit(page, { email, password })).searchParams.get('code');
    if (code === null) throw new Error('the login gave no code');
    return { code, pkce };
  }

  exchange({ code, pkce }: { code: string; pkce: Pkce }, changes: Form = {}): Promise<Response> {
    const client = this.client('demo');
    const form = { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri, ...changes };
    return this.postForm('/oauth/token', { code_verifier: pkce.verifier, ...form }, client);
  }

  refresh(refreshToken: string, changes: Form = {}, client = this.client('demo')): Promise<Response> {
    return this.postForm(
      '/oauth/token',
      { grant_type: 'refresh_token', refresh_token: refreshToken, ...changes },
      client,
    );
  }

  /** The tokens of a new account that logged in through `demo`. */
  async login(changes: Parameters<typeof authorizationPath>[2] = {}): Promise<Tokens & { accountId: string }> {
    const account = await this.account();
    const response = await this.exchange(await this.code(account, changes));
    return { ...(await tokensOf(response)), accountId: account.id };
  }

  me(accessToken: string): Promise<Response> {
    return this.get('/api/v1/me', { authorization: `Bearer ${accessToken}` });
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.issuer + path, { headers, redirect: 'manual' });
  }

  postJson(path: string, body: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetch(this.issuer + path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** A form, with the client's Basic credentials where one is named. */
  postForm(path: string, form: Form, client?: { id: string; secret: string }): Promise<Response> {
    const headers = client ? { authorization: basic(client.id, client.secret) } : {};
    return fetch(this.issuer + path, { method: 'POST', headers, body: formOf(form), redirect: 'manual' });
  }
}

export interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly scope: string;
  readonly expires_in: number;
  readonly claims: JWTPayload & { grant_id: string; client_id: string; sid: string; jti: string; sub: string };
}

/** The body of a successful token response, with the access token's claims. */
export async function tokensOf(response: Response): Promise<Tokens> {
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  const body = (await response.json()) as Omit<Tokens, 'claims'>;
  return { ...body, claims: decodeJwt(body.access_token) };
}

/** Status and error of a refusal as RFC 6749 5.2 writes it. */
export async function refusalOf(response: Response): Promise<[status: number, error: string]> {
  return [response.status, ((await response.json()) as { error: string }).error];
}

export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

/** Answers permission questions in the place of the authorization service, by its contract: `admin` may everything. */
export class Permissions {
  private constructor(private readonly server: Server) {}

  static async start(suite: Suite): Promise<Permissions> {
    const server = createServer((request, response) => {
      void jsonOf(request).then((body) => {
        const { user_id } = checkPermission.input.json.parse(body);
        const answer = { allowed: user_id === 'admin', cache_status: 'cache_miss' };
        response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      });
    });
    const { hostname, port } = new URL(suite.url('authorization'));
    await new Promise<void>((resolve) => server.listen(Number(port), hostname, resolve));
    return new Permissions(server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
