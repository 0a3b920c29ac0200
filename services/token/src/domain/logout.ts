import type { Client } from './client.ts';

/** What an ID token that comes back says (RP-Initiated Logout 2). */
export interface HintedSession {
  readonly accountId: string;
  readonly clientId: string;
  readonly sessionId: string | null;
}

/** Without an ID token of this very person, any site could log them out by a link. */
export function mustAsk(hint: HintedSession | null, session: { id: string; accountId: string }): boolean {
  return hint?.sessionId !== session.id && hint?.accountId !== session.accountId;
}

/** RP-Initiated Logout 3: simple string comparison with what the client registered. */
export function acceptsLogoutRedirect(client: Client | null, uri: string): boolean {
  return client?.metadata.post_logout_redirect_uris.includes(uri) ?? false;
}

/** The registered URI, which keeps its query, with the client's state. */
export function logoutLocation(uri: string, state: string | undefined): string {
  const url = new URL(uri);
  if (state !== undefined) url.searchParams.append('state', state);
  return url.href;
}
