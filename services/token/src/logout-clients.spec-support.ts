import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, type JWTPayload } from 'jose';
import { eventually } from '@gatehouse/testing';
import { authorizationPath, locationOf, newPkce, TestBrowser } from './browser.spec-support.ts';
import { TokenHarness, tokensOf, type Tokens } from './token.spec-support.ts';

export interface Received {
  readonly path: string;
  readonly contentType: string | undefined;
  readonly token: string;
}

export type Answer = { readonly status: number; readonly location?: string } | 'hang up' | 'hang';

/** The back-channel endpoints of clients: they keep what they get and answer as they are told. */
export class LogoutReceiver {
  readonly received: Received[] = [];
  answer: (path: string) => Answer = () => ({ status: 200 });
  private constructor(private readonly server: Server) {}

  static async start(): Promise<LogoutReceiver> {
    const server = createServer();
    const receiver = new LogoutReceiver(server);
    server.on('request', (request, response) => {
      void receiver.take(request).then(({ path }) => {
        const answer = receiver.answer(path);
        if (answer === 'hang') return;
        if (answer === 'hang up') return void request.socket.destroy();
        response.writeHead(answer.status, answer.location ? { location: answer.location } : {}).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  url(path: string): string {
    return `http://${this.host}${path}`;
  }

  at(path: string): Received[] {
    return this.received.filter((one) => one.path === path);
  }

  reset(): void {
    this.received.length = 0;
    this.answer = () => ({ status: 200 });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage): Promise<Received> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const path = request.url ?? '';
    const token = new URLSearchParams(body).get('logout_token') ?? '';
    const received = { path, contentType: request.headers['content-type'], token };
    this.received.push(received);
    return received;
  }
}

export const CLIENT_SECRET = 'r'.repeat(43);

export interface DeliveryRow {
  readonly id: string;
  readonly client_id: string;
  readonly state: string;
  readonly attempts: number;
  readonly last_status: number | null;
}

/** A token service with clients that want to be told of logouts: `one`, `two`, and `silent`, which does not. */
export class LogoutHarness {
  private constructor(
    readonly token: TokenHarness,
    readonly receiver: LogoutReceiver,
  ) {}

  static async start(name: string): Promise<LogoutHarness> {
    const receiver = await LogoutReceiver.start();
    const token = await TokenHarness.start(name, { OUTBOUND_ALLOWED: receiver.host });
    const harness = new LogoutHarness(token, receiver);
    await harness.seed('one', receiver.url('/one'));
    await harness.seed('two', receiver.url('/two'));
    await harness.seed('silent', undefined);
    return harness;
  }

  async stop(): Promise<void> {
    await this.token.stop();
    await this.receiver.stop();
  }

  async seed(id: string, uri: string | undefined, metadata: Record<string, unknown> = {}): Promise<void> {
    const client = {
      id,
      secret: CLIENT_SECRET,
      redirect_uris: [`https://${id}.example/callback`],
      grant_types: ['authorization_code', 'refresh_token'],
      scopes: ['openid', 'offline_access'],
      ...(uri !== undefined && { backchannel_logout_uri: uri }),
      ...metadata,
    };
    await this.token.seed({ clients: [client] });
  }

  /** Tokens of a client in this browser; logs the account in where the browser is not logged in, or `prompt` demands it. */
  async logIn(
    client: string,
    browser: TestBrowser,
    account: { email: string; password: string },
    changes: Record<string, string> = {},
  ): Promise<Tokens> {
    const pkce = newPkce();
    const redirectUri = `https://${client}.example/callback`;
    let response = await browser.get(
      authorizationPath({ id: client, redirectUri }, pkce, { scope: 'openid', ...changes }),
    );
    if (locationOf(response).pathname === '/login') {
      const page = await (await browser.get(locationOf(response).href)).text();
      response = await browser.submit(page, { email: account.email, password: account.password });
    }
    const code = locationOf(response).searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: pkce.verifier };
    return tokensOf(await this.token.postForm('/oauth/token', form, { id: client, secret: CLIENT_SECRET }));
  }

  /** A new account that has logged in through these clients (`name scope scope`), in one browser. */
  async session(...clients: string[]) {
    const account = await this.token.account();
    const browser = new TestBrowser(this.token.issuer);
    const tokens: Tokens[] = [];
    for (const spelled of clients) {
      const [id = '', ...scope] = spelled.split(' ');
      tokens.push(await this.logIn(id, browser, account, { scope: ['openid', ...scope].join(' ') }));
    }
    const hint = tokens[0]?.id_token ?? '';
    const logOut = () => browser.get(`/oauth/logout?${new URLSearchParams({ id_token_hint: hint }).toString()}`);
    return { account, accountId: account.id, browser, tokens, sid: sidOf(hint), logOut };
  }

  deliveries(sid: string): Promise<DeliveryRow[]> {
    return this.token.sql<DeliveryRow>(
      'SELECT id, client_id, state, attempts, last_status FROM logout_delivery WHERE session_id = $1 ORDER BY client_id, id',
      [sid],
    );
  }

  async becomes(sid: string, ...expected: object[]): Promise<void> {
    await eventually(async () => expect(await this.deliveries(sid)).toMatchObject(expected), { within: '10s' });
  }

  async facts(sid: string) {
    const events = await this.token.events();
    return events.filter(({ type, data }) => type.startsWith('backchannel-') && data?.['session_id'] === sid);
  }

  /** As if the pause were over. */
  async dueNow(sid: string, attempts?: number): Promise<void> {
    await this.token.sql(
      "UPDATE logout_delivery SET next_attempt_at = now(), attempts = coalesce($2, attempts) WHERE session_id = $1 AND state = 'queued'",
      [sid, attempts ?? null],
    );
  }
}

export function sidOf(idToken: string): string {
  return decodeJwt<JWTPayload & { sid: string }>(idToken).sid;
}
