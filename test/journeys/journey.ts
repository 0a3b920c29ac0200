import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { eventually } from '@gatehouse/testing';
import { Browser, formOf, redirectOf } from './browser.ts';
import type { Mailbox } from './mailbox.ts';

/** Where the journey goes: the part of `.gatehouse/platform.json` that it needs. */
export interface Destination {
  readonly issuer: string;
  readonly services: Readonly<
    Record<'token' | 'authorization' | 'audit-log' | 'email-verification', { readonly url: string }>
  >;
  readonly clients: {
    readonly demo: { readonly id: string; readonly secret: string; readonly redirect_uri: string };
    readonly admin: { readonly id: string; readonly secret: string };
  };
}

/** What a step found out, for people; the next steps use what it returned. */
export type Report = (step: string, detail: string, elapsedMs: number) => void;

export interface JourneyResult {
  /** The trace that every call of the journey belongs to. */
  readonly traceId: string;
  readonly accountId: string;
  readonly organizationId: string;
  /** The actions that the audit log holds of this trace, in the order of their recording. */
  readonly auditedActions: readonly string[];
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** What the audit log must hold once the journey has been made. */
export const EXPECTED_ACTIONS = [
  'account.register',
  'mail.send',
  'email.verify',
  'account.verify',
  'account.login',
  'grant.create',
  'organization.create',
  'membership.add',
  'role.create',
  'grant.add',
  'grant.refresh',
  'token.revoke',
] as const;

/** Runs one step, reports it with its time and returns what it found. */
type Step = <T>(name: string, work: () => Promise<T>, detail: (result: T) => string) => Promise<T>;

/**
 * The whole flow through the four services, as a person, an application and an administrator make it: register, confirm
 * by mail, log in, be denied, be granted, refresh, revoke, be refused everywhere, and find it all in the audit log.
 * Every call carries one `traceparent`. Throws at the first step that does not end as it must.
 */
export async function makeJourney(to: Destination, mailbox: Mailbox, report?: Report): Promise<JourneyResult> {
  const traceId = randomBytes(16).toString('hex');
  const api = new Api(to, `00-${traceId}-${randomBytes(8).toString('hex')}-01`);
  const step: Step = async (name, work, detail) => {
    const start = performance.now();
    const result = await work();
    report?.(name, detail(result), performance.now() - start);
    return result;
  };
  const tokens = await becomeUser(step, api, mailbox);
  const me = await step(
    'who am I',
    () => api.me(tokens.access_token),
    (account) => account.id,
  );
  const organizationId = await receivePermission(step, api, me.id);
  await loseAccess(step, api, tokens, organizationId);
  const auditedActions = await step(
    'audit log',
    () => api.auditedActions(traceId),
    (found) => `${found.length} entries of this trace`,
  );
  return { traceId, accountId: me.id, organizationId, auditedActions };
}

async function becomeUser(step: Step, api: Api, mailbox: Mailbox): Promise<Tokens> {
  const email = `ada.${randomBytes(6).toString('hex')}@example.com`;
  const password = randomBytes(18).toString('base64url');
  await step(
    'register',
    () => api.register(email, password),
    () => email,
  );
  const link = await step(
    'mail arrives',
    () => linkFrom(mailbox, email),
    () => 'a code and a link',
  );
  await step(
    'confirm',
    () => confirm(link, api.traceparent),
    (state) => state,
  );
  const code = await step(
    'log in',
    () => logIn(api.to, new Browser({ traceparent: api.traceparent }), { email, password }),
    () => 'authorization code',
  );
  return step(
    'tokens',
    () => api.exchange(code),
    () => 'access, refresh and ID token',
  );
}

/** An administrator founds an organisation for the user, who is denied first and allowed after the grant. */
async function receivePermission(step: Step, api: Api, userId: string): Promise<string> {
  const admin = await api.adminToken(api.to.services.authorization.url);
  const { id } = await step(
    'organisation',
    () => api.createOrganization(admin, userId),
    (organization) => organization.id,
  );
  const check = () => api.check(admin, userId, id, 'audit:read');
  await step(
    'check',
    () => expectEqual(check(), false),
    () => 'denied',
  );
  await step(
    'role granted',
    () => api.grantRole(admin, id, userId),
    (role) => role,
  );
  await step(
    'check',
    () => expectEqual(check(), true),
    () => 'allowed',
  );
  return id;
}

async function loseAccess(step: Step, api: Api, tokens: Tokens, organizationId: string): Promise<void> {
  const refreshed = await step(
    'refresh',
    () => api.refresh(tokens.refresh_token, api.to.services['audit-log'].url),
    () => 'rotated',
  );
  await step(
    'read own audit log',
    () => expectEqual(api.ownEntries(refreshed.access_token, organizationId), 200),
    () => 'allowed by the role',
  );
  await step(
    'revoke',
    () => api.revoke(refreshed.refresh_token),
    () => 'the grant with all its tokens',
  );
  await step(
    'refused everywhere',
    () => refusedEverywhere(api, tokens, refreshed, organizationId),
    (where) => where.join(', '),
  );
}

/** A person with a proven address, for suites that begin at the login page. */
export async function registerPerson(
  to: Destination,
  mailbox: Mailbox,
): Promise<{ readonly email: string; readonly password: string }> {
  const api = new Api(to, `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`);
  const person = {
    email: `ada.${randomBytes(6).toString('hex')}@example.com`,
    password: randomBytes(18).toString('base64url'),
  };
  await api.register(person.email, person.password);
  await confirm(await linkFrom(mailbox, person.email), api.traceparent);
  return person;
}

async function linkFrom(mailbox: Mailbox, email: string): Promise<string> {
  const mail = await eventually(
    async () => {
      const newest = await mailbox.newest(email);
      if (!newest) throw new Error(`no mail to ${email}`);
      return newest;
    },
    { within: '30s' },
  );
  const link = /https?:\/\/\S+\/verify\/\S+/.exec(mail.text)?.[0];
  if (!link) throw new Error('the mail holds no link');
  return link;
}

/** Opens the link as a mail scanner would (twice, nothing happens), then presses the button as a person does. */
async function confirm(link: string, traceparent: string): Promise<string> {
  const person = new Browser({ traceparent });
  await person.get(link);
  const page = await person.get(link);
  const done = await person.submit(await formOf(page));
  if (done.status !== 200) throw new Error(`confirming answered ${done.status}`);
  return 'address proven';
}

/** What the demo client needs for its tokens. */
export interface AuthorizedCode {
  readonly code: string;
  readonly verifier: string;
}

/** An authorization request of the demo client, for the token service itself and the audit log. */
function authorizationRequest(to: Destination): {
  readonly url: string;
  readonly verifier: string;
  readonly state: string;
} {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(8).toString('hex');
  const request = new URL('/oauth/authorize', to.services.token.url);
  request.search = new URLSearchParams({
    response_type: 'code',
    client_id: to.clients.demo.id,
    redirect_uri: to.clients.demo.redirect_uri,
    scope: 'openid email',
    state,
    nonce: randomBytes(8).toString('hex'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  request.searchParams.append('resource', to.issuer);
  request.searchParams.append('resource', to.services['audit-log'].url);
  return { url: request.href, verifier, state };
}

/** Logs a person in at the demo client by password. */
export async function logIn(
  to: Destination,
  person: Browser,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<AuthorizedCode> {
  const request = authorizationRequest(to);
  const loginPage = await person.get(await redirectOf(await person.get(request.url)));
  // The account becomes verified by an event that may still be on its way: log in until it has arrived.
  const form = await formOf(loginPage);
  const answer = await eventually(
    async () => {
      let next = await redirectOf(await person.submit(form, { email, password }));
      while (!next.startsWith(to.clients.demo.redirect_uri)) next = await redirectOf(await person.get(next));
      return new URL(next);
    },
    { within: '15s' },
  );
  return { code: codeOf(answer, request.state), verifier: request.verifier };
}

/** A further code for a person who is logged in. */
export async function authorizeAgain(to: Destination, person: Browser): Promise<AuthorizedCode> {
  const request = authorizationRequest(to);
  const answer = new URL(await redirectOf(await person.get(request.url)));
  return { code: codeOf(answer, request.state), verifier: request.verifier };
}

function codeOf(answer: URL, state: string): string {
  const code = answer.searchParams.get('code');
  if (!code || answer.searchParams.get('state') !== state) throw new Error(`no code: ${answer.search}`);
  return code;
}

/** A revoked grant's tokens die everywhere, without any service asking about them: each follows the revocations. */
async function refusedEverywhere(api: Api, first: Tokens, second: Tokens, organizationId: string): Promise<string[]> {
  await eventually(() => expectEqual(api.meStatus(first.access_token), 401), { within: '5s' });
  await eventually(() => expectEqual(api.ownEntries(second.access_token, organizationId), 401), { within: '5s' });
  await expectEqual(api.refreshStatus(second.refresh_token), 400);
  return ['token', 'audit-log', 'refresh'];
}

async function expectEqual<T>(actual: Promise<T>, expected: T): Promise<T> {
  const value = await actual;
  if (value !== expected) throw new Error(`expected ${String(expected)}, got ${String(value)}`);
  return value;
}

/** The calls that applications make, each with the journey's `traceparent`. */
export class Api {
  constructor(
    readonly to: Destination,
    readonly traceparent: string,
  ) {}

  async register(email: string, password: string): Promise<void> {
    await this.json('token', 'POST', '/api/v1/accounts', { body: { email, password }, expect: 202 });
  }

  exchange({ code, verifier }: { code: string; verifier: string }): Promise<Tokens> {
    const { redirect_uri } = this.to.clients.demo;
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri,
      code_verifier: verifier,
      resource: this.to.issuer,
    };
    return this.token('demo', form);
  }

  refresh(refreshToken: string, resource: string): Promise<Tokens> {
    return this.token('demo', { grant_type: 'refresh_token', refresh_token: refreshToken, resource });
  }

  async refreshStatus(refreshToken: string): Promise<number> {
    return (await this.form('demo', '/oauth/token', { grant_type: 'refresh_token', refresh_token: refreshToken }))
      .status;
  }

  async adminToken(resource: string): Promise<string> {
    return (await this.token('admin', { grant_type: 'client_credentials', resource })).access_token;
  }

  async revoke(refreshToken: string): Promise<void> {
    await expectEqual(
      this.form('demo', '/oauth/revoke', { token: refreshToken }).then(({ status }) => status),
      200,
    );
  }

  me(token: string): Promise<{ id: string }> {
    return this.json('token', 'GET', '/api/v1/me', { token });
  }

  async meStatus(token: string): Promise<number> {
    return (await this.send('token', 'GET', '/api/v1/me', { token })).status;
  }

  async createOrganization(token: string, member: string): Promise<{ id: string }> {
    const name = `Journey ${randomUUID().slice(0, 8)}`;
    const organization = await this.json<{ id: string }>('authorization', 'POST', '/api/v1/organizations', {
      token,
      body: { name },
      expect: 201,
    });
    await this.json('authorization', 'POST', `/api/v1/organizations/${organization.id}/memberships`, {
      token,
      body: { user_id: member },
      expect: 201,
    });
    return organization;
  }

  async grantRole(token: string, organizationId: string, userId: string): Promise<string> {
    const base = `/api/v1/organizations/${organizationId}`;
    const role = await this.json<{ id: string; name: string }>('authorization', 'POST', `${base}/roles`, {
      token,
      body: { name: 'Auditor', permissions: ['audit:read'] },
      expect: 201,
    });
    const grant = { subject: { type: 'user', id: userId }, role_id: role.id };
    await this.json('authorization', 'POST', `${base}/grants`, { token, body: grant, expect: 201 });
    return role.name;
  }

  async check(token: string, userId: string, organizationId: string, permission: string): Promise<boolean> {
    const body = { user_id: userId, org_id: organizationId, permission };
    return (
      await this.json<{ allowed: boolean }>('authorization', 'POST', '/api/v1/authorization/check', { token, body })
    ).allowed;
  }

  async ownEntries(token: string, organizationId: string): Promise<number> {
    return (await this.send('audit-log', 'GET', `/api/v1/audit/entries?org_id=${organizationId}`, { token })).status;
  }

  /** Waits until every step's entry is there. Reading is audited too, so these calls stay out of the journey's trace. */
  async auditedActions(traceId: string): Promise<string[]> {
    const token = await this.adminToken(this.to.services['audit-log'].url);
    const path = `/api/v1/audit/entries?trace_id=${traceId}&order=asc&limit=200`;
    return eventually(
      async () => {
        const page = await this.json<{ entries: { entry: { action: string } }[] }>('audit-log', 'GET', path, {
          token,
          traced: false,
        });
        const found = page.entries.map(({ entry }) => entry.action);
        const missing = EXPECTED_ACTIONS.filter((action) => !found.includes(action));
        if (missing.length) throw new Error(`not in the audit log: ${missing.join(', ')}; found: ${found.join(', ')}`);
        return found;
      },
      { within: '20s' },
    );
  }

  private async token(client: 'demo' | 'admin', form: Record<string, string>): Promise<Tokens> {
    const response = await this.form(client, '/oauth/token', form);
    if (response.status !== 200) throw new Error(`/oauth/token answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Tokens;
  }

  private form(client: 'demo' | 'admin', path: string, form: Record<string, string>): Promise<Response> {
    const { id, secret } = this.to.clients[client];
    const authorization = `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
    const headers = { authorization, traceparent: this.traceparent };
    return fetch(`${this.to.services.token.url}${path}`, { method: 'POST', headers, body: new URLSearchParams(form) });
  }

  private async json<T>(
    service: keyof Destination['services'],
    method: string,
    path: string,
    options: CallOptions,
  ): Promise<T> {
    const response = await this.send(service, method, path, options);
    const text = await response.text();
    if (response.status !== (options.expect ?? 200))
      throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  private send(
    service: keyof Destination['services'],
    method: string,
    path: string,
    { token, body, traced = true }: CallOptions,
  ): Promise<Response> {
    return fetch(`${this.to.services[service].url}${path}`, {
      method,
      headers: {
        ...(traced ? { traceparent: this.traceparent } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }
}

interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  /** The status that the answer must have; 200 unless told. */
  readonly expect?: number;
  readonly traced?: boolean;
}
