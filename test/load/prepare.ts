import { randomBytes } from 'node:crypto';
import { Api, logIn } from '../journeys/journey.ts';
import type { Destination } from '../journeys/journey.ts';

/** What the scenarios need before the clock runs. */
export interface Prepared {
  readonly adminToken: string;
  /** One for each connection, each of a grant of its own. */
  readonly refreshTokens: readonly string[];
  /** A check that is answered `allowed`. */
  readonly question: { readonly user_id: string; readonly org_id: string; readonly permission: string };
}

/** Logs the demo user in `grants` times and gives them a role in a new organisation. */
export async function prepare(
  to: Destination,
  user: { readonly id: string; readonly email: string; readonly password: string },
  grants: number,
): Promise<Prepared> {
  const unsampled = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
  const api = new Api(to, unsampled);
  const refreshTokens: string[] = [];
  while (refreshTokens.length < grants) {
    const code = await logIn(to, unsampled, user.email, user.password);
    refreshTokens.push((await api.exchange(code)).refresh_token);
  }
  const adminToken = await api.adminToken(to.services.authorization.url);
  const organization = await api.createOrganization(adminToken, user.id);
  await api.grantRole(adminToken, organization.id, user.id);
  return {
    adminToken,
    refreshTokens,
    question: { user_id: user.id, org_id: organization.id, permission: 'audit:read' },
  };
}
