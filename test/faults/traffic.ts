import { setTimeout as delay } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { Suite } from '@gatehouse/testing';
import { destinationOf } from '../platform/suite-destination.ts';

/** Reproducible choices: mulberry32. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly retryAfter: string | null;
}

const CALL_DEADLINE_MS = 10_000;

/**
 * Callers who change things all the time and remember what they were told. A refused connection, a timeout or a 503
 * promises nothing; any other unexpected answer is kept in `surprises`.
 */
export class Traffic {
  /** What callers were told to be done, in the words of `committedChanges`. */
  readonly acknowledged = new Set<string>();
  /** Retry-After of every change that was refused because too many events wait for Kafka. */
  readonly refusedForBacklog: (string | null)[] = [];
  readonly surprises: string[] = [];
  readonly #suite: Suite;
  readonly #random: (below: number) => number;
  readonly #organizations: string[] = [];
  readonly #grants: { organization: string; id: string }[] = [];
  #workers: Promise<void>[] = [];
  #stopped = false;
  #adminToken = '';
  #registrations = 0;

  constructor(suite: Suite, seed: number) {
    this.#suite = suite;
    this.#random = seededRandom(seed);
  }

  /** Starts `workers` callers, each with one call at a time. The platform must be up: they need a token. */
  async start(workers: number): Promise<void> {
    await this.#authorize();
    this.#workers = Array.from({ length: workers }, () => this.#work());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    const calls = [
      () => this.#register(),
      () => this.#confirm(),
      () => this.#createOrganization(),
      () => this.#addMembership(),
      () => this.#addGrant(),
      () => this.#addGrant(),
      () => this.#removeGrant(),
      () => this.#issueToken(),
    ];
    while (!this.#stopped) {
      await calls[this.#random(calls.length)]?.();
      await delay(20 + this.#random(30)); // -- paces the load; nothing waits for it
    }
  }

  async #register(): Promise<void> {
    this.#registrations += 1;
    const email = `person${this.#registrations}@example.com`;
    const answer = await this.#call('token', 'POST', '/api/v1/accounts', { email, password: randomUUID() });
    if (this.#expected('register', answer, 202)) this.acknowledged.add(`account:${email}`);
  }

  /** Somebody reads one of the mails and types its code, some of them twice. */
  async #confirm(): Promise<void> {
    const mail = this.#suite.smtp.mails[this.#random(this.#suite.smtp.mails.length)];
    const [, flow] = /\/verify\/([0-9a-f-]{36})\//.exec(mail?.text ?? '') ?? [];
    const [, token] = /\/verify\/[0-9a-f-]{36}\/([\w-]{43})/.exec(mail?.text ?? '') ?? [];
    if (!flow || !token) return;
    const answer = await this.#call('email-verification', 'POST', `/api/v1/email-verifications/${flow}/confirm`, {
      token,
    });
    if (this.#expected('confirm', answer, 200)) this.acknowledged.add(`confirmed:${flow}`);
  }

  async #createOrganization(): Promise<void> {
    const answer = await this.#call('authorization', 'POST', '/api/v1/organizations', {
      name: `Org ${this.#random(1e6)}`,
    });
    if (!this.#expected('organization', answer, 201)) return;
    this.#organizations.push(String(answer!.body.id));
    this.acknowledged.add(`organization:${String(answer!.body.id)}`);
  }

  async #addMembership(): Promise<void> {
    const organization = this.#organizations[this.#random(this.#organizations.length)];
    if (!organization) return;
    const user = randomUUID();
    const path = `/api/v1/organizations/${organization}/memberships`;
    const answer = await this.#call('authorization', 'POST', path, { user_id: user });
    if (this.#expected('membership', answer, 201)) this.acknowledged.add(`membership:${organization}/${user}`);
  }

  async #addGrant(): Promise<void> {
    const organization = this.#organizations[this.#random(this.#organizations.length)];
    if (!organization) return;
    const grant = { subject: { type: 'client', id: `client-${randomUUID()}` }, permission: 'organization:read' };
    const answer = await this.#call('authorization', 'POST', `/api/v1/organizations/${organization}/grants`, grant);
    if (!this.#expected('grant', answer, 201)) return;
    this.#grants.push({ organization, id: String(answer!.body.id) });
    this.acknowledged.add(`grant:${String(answer!.body.id)}`);
  }

  async #removeGrant(): Promise<void> {
    const [grant] = this.#grants.splice(this.#random(this.#grants.length), 1);
    if (!grant) return;
    // Whatever the answer, the caller no longer knows that the grant is there.
    this.acknowledged.delete(`grant:${grant.id}`);
    const answer = await this.#call(
      'authorization',
      'DELETE',
      `/api/v1/organizations/${grant.organization}/grants/${grant.id}`,
    );
    if (this.#expected('grant removal', answer, 204)) this.acknowledged.add(`no-grant:${grant.id}`);
  }

  async #issueToken(): Promise<void> {
    const answer = await this.#tokenRequest().catch(() => undefined);
    if (answer?.status !== 200) return;
    const [, claims = ''] = String(answer.body.access_token).split('.');
    const { jti } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { jti: string };
    this.acknowledged.add(`token:${jti}`);
  }

  async #authorize(): Promise<void> {
    const { status, body } = await this.#tokenRequest();
    if (status !== 200) throw new Error(`no token for the administrator: ${JSON.stringify(body)}`);
    this.#adminToken = String(body.access_token);
  }

  async #tokenRequest(): Promise<Answer> {
    const { admin } = destinationOf(this.#suite).clients;
    const form = {
      grant_type: 'client_credentials',
      client_id: admin.id,
      client_secret: admin.secret,
      resource: this.#suite.url('authorization'),
    };
    const response = await fetch(`${this.#suite.url('token')}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(CALL_DEADLINE_MS),
    });
    return answerOf(response);
  }

  /** Undefined where no answer came: the caller knows nothing. */
  async #call(
    service: 'token' | 'authorization' | 'email-verification',
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer | undefined> {
    try {
      const response = await fetch(`${this.#suite.url(service)}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#adminToken}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(CALL_DEADLINE_MS),
      });
      return await answerOf(response);
    } catch {
      return undefined;
    }
  }

  #expected(what: string, answer: Answer | undefined, status: number): boolean {
    if (!answer) return false;
    if (answer.status === status) return true;
    if (answer.body.type === 'urn:gatehouse:problem:event-backlog-full') this.refusedForBacklog.push(answer.retryAfter);
    else if (answer.status !== 503) this.surprises.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return false;
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = text ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, body, retryAfter: response.headers.get('retry-after') };
}
