import type { LogoutParameters } from '@gatehouse/contracts';
import { html, page, type Page } from '@gatehouse/http';
import { formOriginOf } from '../protocol/next-page.ts';
import type { LogoutRequest } from './log-out.ts';

export interface AskedLogout extends LogoutRequest {
  readonly parameters: LogoutParameters;
  readonly csrfToken: string;
}

/** RP-Initiated Logout 2: the person decides. Going back is enough to stay. */
export function askLogoutPage({ client, returnTo, parameters, csrfToken }: AskedLogout): Page {
  const { post_logout_redirect_uri, state } = parameters;
  const kept = Object.entries({ client_id: client?.id, post_logout_redirect_uri, state }).map(
    ([name, value]) => value !== undefined && html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  const asker = client && html`<p>${client.metadata.client_name ?? client.id} asks for it.</p>`;
  const body = html`${asker}
    <form method="post" action="/logout">
      <input type="hidden" name="csrf_token" value="${csrfToken}" />
      ${kept}
      <button type="submit">Log out</button>
    </form>
    <p><small>Applications that you allowed to act for you while you are away go on.</small></p>`;
  const formAction = returnTo === null ? [] : [formOriginOf(returnTo)];
  return page('Do you want to log out?', body, { status: 200, formAction });
}

export function loggedOutPage(): Page {
  return page('Logged out', html`<p role="status">You are logged out in this browser.</p>`, { status: 200 });
}
