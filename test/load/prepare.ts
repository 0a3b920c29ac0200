import { randomBytes } from 'node:crypto';
import { Browser } from '../journeys/browser.ts';
import { Api, authorizeAgain, logIn } from '../journeys/journey.ts';
import type { AuthorizedCode, Destination } from '../journeys/journey.ts';

/** What the scenarios need before the clock runs. */
export interface Prepared {
  readonly adminToken: string;
  /** New ones, each of a grant of its own. */
  readonly refreshTokens: (count: number) => Promise<string[]>;
  /** Codes of the logged-in person that nobody has used yet, at most `count`; a code is good for a minute. */
  readonly codes: (count: number) => Promise<AuthorizedCode[]>;
  /** Access tokens for the authorization service that it has not seen yet. */
  readonly accessTokens: (count: number) => Promise<string[]>;
  /** A check that is answered `allowed`. */
  readonly question: { readonly user_id: string; readonly org_id: string; readonly permission: string };
}

/** Logs the demo user in and gives them a role in a new organisation. */
export async function prepare(
  to: Destination,
  user: { readonly id: string; readonly email: string; readonly password: string },
): Promise<Prepared> {
  const traceparent = unsampled();
  const api = new Api(to, traceparent);
  const person = new Browser({ traceparent });
  await api.exchange(await logIn(to, person, user));
  const adminToken = await api.adminToken(to.services.authorization.url);
  const organization = await api.createOrganization(adminToken, user.id);
  await api.grantRole(adminToken, organization.id, user.id);
  return {
    adminToken,
    refreshTokens: (count) =>
      collect(count, async () => (await api.exchange(await authorizeAgain(to, person))).refresh_token),
    codes: (count) => collect(count, () => authorizeAgain(to, person)),
    accessTokens: (count) => collect(count, () => api.adminToken(to.services.authorization.url)),
    question: { user_id: user.id, org_id: organization.id, permission: 'audit:read' },
  };
}

/** A person who logs in again and again, each time in a new browser; resolves with how often that was. */
export async function keepLoggingIn(
  to: Destination,
  user: { readonly email: string; readonly password: string },
  stopped: AbortSignal,
): Promise<number> {
  for (let times = 0; ; times += 1) {
    if (stopped.aborted) return times;
    await logIn(to, new Browser({ traceparent: unsampled() }), user);
  }
}

/** W3C Trace Context: a trace that nobody keeps. */
function unsampled(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}

const COLLECT_AT_ONCE = 8;
/** Codes must still be good when the last one is used. */
const COLLECT_MS_MAX = 20_000;

/** As many as `count`, made a few at a time; fewer where that takes too long. */
async function collect<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const until = performance.now() + COLLECT_MS_MAX;
  const made: T[] = [];
  const worker = async () => {
    while (made.length < count && performance.now() < until) made.push(await make());
  };
  await Promise.all(Array.from({ length: COLLECT_AT_ONCE }, worker));
  return made;
}
