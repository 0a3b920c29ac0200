import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '@gatehouse/contracts';
import { eventually } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';

/** An endpoint of each service that answers `admin` with 200. */
const PATHS: Readonly<Record<Service, string>> = {
  token: '/api/v1/me',
  authorization: '/api/v1/organizations?limit=1',
  'audit-log': '/api/v1/audit/entries?limit=1',
  'email-verification': '/api/v1/messages?limit=1',
};
const SERVICES = Object.keys(PATHS) as Service[];
const SAMPLE_EVERY_MS = 50;
const GIVE_UP_MS = 60_000;
const REVOKING_AT_ONCE = 4;

/** How long after its acknowledged revocation a service still took a token, in ms; 0 where it never did. */
export type TakenAfterMs = Readonly<Record<Service, number>>;

/** A client's tokens for all four services, their revocation, and what the services make of them. */
export class RevocationSampling {
  constructor(private readonly suite: Suite) {}

  /** Tokens that each service takes, and so remembers. */
  async tokens(count: number): Promise<string[]> {
    const tokens = await Promise.all(Array.from({ length: count }, () => this.token()));
    for (const token of tokens) {
      const take = async (service: Service) => (await this.status(service, token)) === 200;
      await Promise.all(SERVICES.map((service) => eventually(() => take(service), { within: '30s' })));
    }
    return tokens;
  }

  /** Revokes the tokens and samples each on every service until it is refused. @returns the longest of all, by service */
  async revokeAndSample(tokens: readonly string[]): Promise<TakenAfterMs> {
    const longest: Record<Service, number> = { token: 0, authorization: 0, 'audit-log': 0, 'email-verification': 0 };
    const waiting = [...tokens];
    const work = async () => {
      for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
        const acknowledgedAtMs = await this.revoke(token);
        const sample = async (service: Service, revoked: string) => {
          const takenMs = await this.sampleUntilRefused(service, revoked, acknowledgedAtMs);
          longest[service] = Math.max(longest[service], takenMs);
        };
        const revoked = token;
        await Promise.all(SERVICES.map((service) => sample(service, revoked)));
      }
    };
    await Promise.all(Array.from({ length: REVOKING_AT_ONCE }, work));
    return longest;
  }

  /** @returns when it was acknowledged */
  async revoke(token: string): Promise<number> {
    const response = await this.post('/oauth/revoke', { token });
    const acknowledgedAtMs = performance.now();
    if (response.status !== 200) throw new Error(`the revocation was answered ${response.status}`);
    return acknowledgedAtMs;
  }

  async status(service: Service, token: string): Promise<number> {
    const response = await fetch(this.suite.url(service) + PATHS[service], {
      headers: { authorization: `Bearer ${token}` },
    });
    if (response.status === 503 && !response.headers.has('retry-after')) throw new Error('503 without Retry-After');
    await response.body?.cancel();
    return response.status;
  }

  private async sampleUntilRefused(service: Service, token: string, sinceMs: number): Promise<number> {
    let takenMs = 0;
    for (;;) {
      const sentAtMs = performance.now();
      const status = await this.status(service, token);
      if (status === 401) return takenMs;
      if (sentAtMs - sinceMs > GIVE_UP_MS) throw new Error(`${service} answers ${status}`);
      if (status === 200) takenMs = sentAtMs - sinceMs;
      await delay(SAMPLE_EVERY_MS); // -- paces the samples; nothing waits for it
    }
  }

  private async token(): Promise<string> {
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    for (const service of SERVICES) form.append('resource', this.suite.url(service));
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
