import { randomUUID } from 'node:crypto';
import { TestIssuer } from '@gatehouse/authn/testing';
import type { GrantResource, OrganizationResource, RoleResource, Subject } from '@gatehouse/contracts';
import { startService } from '@gatehouse/http';
import type { RunningService } from '@gatehouse/http';
import { createSuite, eventually } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import pg from 'pg';
import { authorizationService } from './service.ts';

export interface Answer<B> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: B;
}
export interface CallOptions {
  /** Null sends no token. */
  readonly as?: Subject | null;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, instead of `json`. */
  readonly body?: string | Buffer;
}
export interface PublishedEvent {
  readonly type: string;
  readonly key: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Holds the role platform-administrator from the migration on. */
export const admin: Subject = { type: 'client', id: 'admin' };
export const user = (): Subject => ({ type: 'user', id: randomUUID() });
export const client = (): Subject => ({ type: 'client', id: `client-${randomUUID()}` });

/** The real service on the test platform's PostgreSQL and Kafka, with an issuer of its own. */
export class AuthorizationUnderTest {
  private constructor(
    readonly suite: Suite,
    readonly issuer: TestIssuer,
    readonly service: RunningService,
    readonly database: pg.Pool,
  ) {}

  static async start(name: string, settings: Readonly<Record<string, string>> = {}): Promise<AuthorizationUnderTest> {
    const [suite, issuer] = [await createSuite(name), await TestIssuer.start()];
    await suite.migrate('authorization');
    const env = { ...suite.env('authorization'), ISSUER: issuer.url, ...settings };
    const service = await startService(authorizationService, env);
    await eventually(() => expect(service.health.readiness()).toEqual({ ready: true, failing: [] }), { within: '20s' });
    const database = new pg.Pool({ connectionString: suite.databaseUrl('authorization'), max: 2 });
    return new AuthorizationUnderTest(suite, issuer, service, database);
  }

  async stop(): Promise<void> {
    await this.service.close();
    await this.database.end();
    await this.issuer.close();
    await this.suite.dispose();
  }

  token(subject: Subject, options: Partial<Parameters<TestIssuer['token']>[0]> = {}): Promise<string> {
    const clientId = subject.type === 'user' ? 'web' : subject.id;
    return this.issuer.token({ audience: this.suite.url('authorization'), subject: subject.id, clientId, ...options });
  }

  /** Calls the API below `/api/v1`, as `admin` unless told. */
  async call<B = Record<string, unknown>>(method: string, path: string, options: CallOptions = {}): Promise<Answer<B>> {
    const { as = admin, json, headers, body = json === undefined ? undefined : JSON.stringify(json) } = options;
    const response = await fetch(`${this.service.url}/api/v1${path}`, {
      method,
      headers: {
        ...(as && { authorization: `Bearer ${await this.token(as)}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : undefined) as B };
  }

  /** An organisation made by `admin`. */
  async organization(name = 'Analytical Engines'): Promise<OrganizationResource> {
    return this.made(await this.call<OrganizationResource>('POST', '/organizations', { json: { name } }));
  }

  async role(organizationId: string, permissions: string[], name: string = randomUUID()): Promise<RoleResource> {
    const path = `/organizations/${organizationId}/roles`;
    return this.made(await this.call<RoleResource>('POST', path, { json: { name, permissions } }));
  }

  /** Makes a user a member first, where it is none. */
  async grant(
    organizationId: string,
    subject: Subject,
    what: { permission?: string; role_id?: string; effect?: 'deny'; expires_at?: string; not_before?: string },
  ): Promise<GrantResource> {
    if (subject.type === 'user') await this.member(organizationId, subject);
    const path = `/organizations/${organizationId}/grants`;
    return this.made(await this.call<GrantResource>('POST', path, { json: { subject, ...what } }));
  }

  async member(organizationId: string, { id }: Subject): Promise<void> {
    const answer = await this.call('POST', `/organizations/${organizationId}/memberships`, { json: { user_id: id } });
    expect([201, 409]).toContain(answer.status);
  }

  async allowed(subject: Subject, org_id: string, permission: string): Promise<boolean> {
    const json = { user_id: subject.id, subject_type: subject.type, org_id, permission };
    const answer = await this.call<{ allowed: boolean }>('POST', '/authorization/check', { json });
    expect(answer.status).toBe(200);
    return answer.body.allowed;
  }

  /** What was published under a key, in order. */
  async events(key: string): Promise<PublishedEvent[]> {
    const { rows } = await this.database.query<PublishedEvent>(
      `SELECT headers->>'ce_type' AS type, key, payload::json AS data FROM outbox WHERE key = $1 ORDER BY xid, id`,
      [key],
    );
    return rows;
  }

  /** Facts of one type, such as denials, in order. */
  async facts(type: string): Promise<PublishedEvent['data'][]> {
    const sql = `SELECT payload::json AS data FROM outbox WHERE headers->>'ce_type' = $1 ORDER BY xid, id`;
    return (await this.database.query<PublishedEvent>(sql, [type])).rows.map(({ data }) => data);
  }

  private made<B>({ status, body }: Answer<B>): B {
    if (status !== 201) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }
}
