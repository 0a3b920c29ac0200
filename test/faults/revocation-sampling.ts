import { once } from 'node:events';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { eventually } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import type { ServiceProcess } from '../platform/service-process.ts';

/**
 * An endpoint of each service with a query that nobody may send. That is said, by 400, to whoever has a token that counts, so
 * that a sample costs no more than the verification of its token.
 */
const PATHS: Readonly<Record<Service, string>> = {
  token: '/api/v1/clients?limit=none',
  authorization: '/api/v1/organizations?limit=none',
  'audit-log': '/api/v1/audit/entries?limit=none',
  'email-verification': '/api/v1/messages?limit=none',
};
const SAMPLE_EVERY_MS = 50;
const GIVE_UP_MS = 60_000;
/** Tokens that are issued or revoked at the same time. */
const AT_ONCE = 8;
/** Requests that a service has at the same time; the others wait here, so that none is old when it is sent. */
const SOCKETS_MAX = 64;

export interface Sampled {
  /** How long after its acknowledged revocation a service still took a token, in ms; 0 where it never did. */
  readonly takenMs: Readonly<Record<Service, number>>;
  readonly samples: number;
  /** Answers of 503: the service did not know which tokens were revoked. */
  readonly stale: number;
}

/** What a service makes of a token; `stale` is 503, and a connection that is closed on the way is no answer at all. */
type Verdict = 'taken' | 'refused' | 'stale' | 'none';
const verdicts: Readonly<Record<number, Verdict>> = { 400: 'taken', 401: 'refused', 503: 'stale' };

interface Answer {
  readonly verdict: Verdict;
  /** A moment after which the service decided. */
  readonly decidedAfterMs: number;
}

/** A client's tokens for all four services, their revocation, and what the services make of them. */
export class RevocationSampling {
  private readonly agents = new Map(
    services.map((service) => [service, new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX })]),
  );
  private frozen: { readonly service: Service; readonly sinceMs: number; untilMs: number } | undefined;

  constructor(private readonly suite: Suite) {}

  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
  }

  /** Tokens that each service takes, and so remembers. */
  async tokens(count: number): Promise<string[]> {
    const tokens: string[] = [];
    await inParallel(Array.from({ length: count }).keys(), async () => {
      const token = await this.token();
      const take = async (service: Service) => (await this.ask(service, token)).verdict === 'taken';
      await Promise.all(services.map((service) => eventually(() => take(service), { within: '30s' })));
      tokens.push(token);
    });
    return tokens;
  }

  /** Revokes the tokens, and from then on asks every service about each of them every 50 ms until it refuses. */
  async revokeAndSample(tokens: readonly string[]): Promise<Sampled> {
    const { refused, sampled } = await this.revokeWhileSampling(tokens);
    await refused;
    return sampled;
  }

  /**
   * The same while one service is frozen (SIGSTOP), from before the first revocation until `frozenMs` after the last one
   * was acknowledged. What it was asked in that time it decides when it goes on.
   */
  async revokeAndSampleFrozen(tokens: readonly string[], { service, pid }: ServiceProcess, frozenMs: number) {
    const freeze = { service, sinceMs: performance.now(), untilMs: Infinity };
    this.frozen = freeze;
    process.kill(pid, 'SIGSTOP');
    try {
      const { refused, sampled } = await this.revokeWhileSampling(tokens);
      await delay(frozenMs); // -- the time that it is frozen; nothing is waited for
      freeze.untilMs = performance.now();
      process.kill(pid, 'SIGCONT');
      await refused;
      return sampled;
    } finally {
      process.kill(pid, 'SIGCONT');
      this.frozen = undefined;
    }
  }

  /** Resolves when all are revoked; `refused` does when all are refused, and then `sampled` is whole. */
  private async revokeWhileSampling(tokens: readonly string[]) {
    const takenMs: Record<Service, number> = { token: 0, authorization: 0, 'audit-log': 0, 'email-verification': 0 };
    const sampled = { takenMs, samples: 0, stale: 0 };
    const sampling: Promise<void>[] = [];
    const sample = async (service: Service, token: string, sinceMs: number) => {
      for (;;) {
        const askedAtMs = performance.now();
        const { verdict, decidedAfterMs } = await this.ask(service, token);
        sampled.samples += 1;
        if (verdict === 'refused') return;
        if (askedAtMs - sinceMs > GIVE_UP_MS) throw new Error(`${service} does not refuse a revoked token`);
        if (verdict === 'stale') sampled.stale += 1;
        if (verdict === 'taken') takenMs[service] = Math.max(takenMs[service], decidedAfterMs - sinceMs);
        await delay(Math.max(0, askedAtMs + SAMPLE_EVERY_MS - performance.now())); // -- paces the samples
      }
    };
    await inParallel(tokens.values(), async (token) => {
      const acknowledgedAtMs = await this.revoke(token);
      sampling.push(...services.map((service) => sample(service, token, acknowledgedAtMs)));
    });
    return { refused: Promise.all(sampling), sampled };
  }

  /** @returns when it was acknowledged */
  private async revoke(token: string): Promise<number> {
    const response = await this.post('/oauth/revoke', { token });
    const acknowledgedAtMs = performance.now();
    if (response.status !== 200) throw new Error(`the revocation was answered ${response.status}`);
    return acknowledgedAtMs;
  }

  private async ask(service: Service, token: string): Promise<Answer> {
    const agent = this.agents.get(service);
    const headers = { authorization: `Bearer ${token}` };
    const asked = request(this.suite.url(service) + PATHS[service], { agent, headers });
    let sentAtMs = 0;
    asked.once('socket', () => (sentAtMs = performance.now())).end();
    const verdict = await verdictOf(asked);
    const { frozen } = this;
    const wasFrozen = frozen?.service === service && sentAtMs > frozen.sinceMs;
    return { verdict, decidedAfterMs: wasFrozen ? Math.max(sentAtMs, frozen.untilMs) : sentAtMs };
  }

  private async token(): Promise<string> {
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    for (const service of services) form.append('resource', this.suite.url(service));
    const response = await this.post('/oauth/token', form);
    return ((await response.json()) as { access_token: string }).access_token;
  }

  private post(path: string, form: URLSearchParams | Record<string, string>): Promise<Response> {
    const admin = this.suite.seed.clients.find(({ id }) => id === 'admin');
    const authorization = `Basic ${Buffer.from(`admin:${admin?.secret}`).toString('base64')}`;
    return fetch(this.suite.url('token') + path, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(form),
    });
  }
}

/** `AT_ONCE` at a time. */
async function inParallel<T>(items: Iterator<T>, work: (item: T) => Promise<void>): Promise<void> {
  const worker = async () => {
    for (let next = items.next(); !next.done; next = items.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function verdictOf(asked: ClientRequest): Promise<Verdict> {
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    const { statusCode = 0, headers } = response;
    const verdict = verdicts[statusCode];
    if (!verdict) throw new Error(`the answer is ${statusCode}`);
    if (verdict === 'stale' && headers['retry-after'] === undefined) throw new Error('503 without Retry-After');
    return verdict;
  } catch (error) {
    // A service that was frozen closes the connections that it finds idle, a request on its way or not.
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return 'none';
    throw error;
  }
}
