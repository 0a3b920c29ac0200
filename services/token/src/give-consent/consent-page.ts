import { html, page, type Page } from '@gatehouse/http';
import type { ownScopes } from '../domain/scope.ts';
import type { Client } from '../domain/client.ts';
import { formOriginOf } from '../protocol/next-page.ts';
import type { PendingRequest } from '../store/authorization-requests.ts';

/** What a scope means to a person. */
const meanings: Readonly<Record<(typeof ownScopes)[number], string>> = {
  openid: 'know who you are',
  email: 'see your e-mail address',
  profile: 'see your language',
  offline_access: 'act for you while you are away',
};

export function consentPage(pending: PendingRequest, client: Client, csrfToken: string): Page {
  const { client_name: name = client.id, client_uri, policy_uri, tos_uri } = client.metadata;
  const wishes = pending.scope.map((scope) => html`<li>${Object.hasOwn(meanings, scope) ? meanings[scope as keyof typeof meanings] : scope}</li>`); // prettier-ignore
  const links = [
    ['About the application', client_uri],
    ['Its privacy policy', policy_uri],
    ['Its terms of service', tos_uri],
  ].map(([text, href]) => href !== undefined && html`<br /><a href="${href}" rel="noreferrer">${text}</a>`);
  const body = html`<p>${name} would like to:</p>
    <ul>
      ${wishes}
    </ul>
    <form method="post" action="/consent">
      <input type="hidden" name="request" value="${pending.id}" />
      <input type="hidden" name="csrf_token" value="${csrfToken}" />
      <button type="submit" name="decision" value="allow">Allow</button>
      <button type="submit" name="decision" value="deny">Deny</button>
    </form>
    <p><small>You return to ${new URL(pending.redirectUri).host}.${links}</small></p>`;
  return page(`Allow ${name}?`, body, { formAction: [formOriginOf(pending.redirectUri)] });
}
