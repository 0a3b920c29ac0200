import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, migrate, uuidv7 } from '@gatehouse/database';
import { startService, type RunningService } from '@gatehouse/http';
import { createSuite, eventually, type Suite } from '@gatehouse/testing';
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
    await suite.migrate();
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

  /** Something of the running application, for what HTTP does not show. */
  part<T>(type: abstract new (...args: never[]) => T): T {
    return this.service.app.get<T>(type as never, { strict: false });
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
      'SELECT key, headers, payload FROM outbox ORDER BY xid, id',
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

export type Form = Readonly<Record<string, string | readonly string[]>>;

export function formOf(form: Form): URLSearchParams {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) for (const one of [value].flat()) body.append(name, one);
  return body;
}

export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}
