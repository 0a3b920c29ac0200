import { html, page, type Html, type Page } from '@gatehouse/http';
import type { ownScopes } from '../domain/scope.ts';
import { isDocumentId } from '../domain/client-id-document.ts';
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
  const links = [
    ['About the application', client_uri],
    ['Its privacy policy', policy_uri],
    ['Its terms of service', tos_uri],
  ].map(([text, href]) => href !== undefined && html`<br /><a href="${href}" rel="noreferrer">${text}</a>`);
  const body = html`${describedAt(client)}${question(name, pending, csrfToken)}
    <p><small>You return to ${new URL(pending.redirectUri).host}.${links}</small></p>`;
  return page(`Allow ${name}?`, body, { formAction: [formOriginOf(pending.redirectUri)] });
}

/** RFC 8628 5.4: somebody else may have sent the code, so the page says what happens and where. */
export function deviceConsentPage(pending: PendingRequest, client: Client, csrfToken: string): Page {
  const { client_name: name = client.id } = client.metadata;
  const body = html`<p role="alert">
      Allow this only if you started it on your device. Whoever sent you the code, or a link with it, gets into your
      account.
    </p>
    ${describedAt(client)}${question(name, pending, csrfToken)}`;
  return page(`Connect a device with ${name}?`, body);
}

export function deviceDecidedPage(allowed: boolean): Page {
  const [title, text] = allowed
    ? ['Device connected', 'You can go back to your device now.']
    : ['Device refused', 'The device gets no access.'];
  return page(title, html`<p role="status">${text}</p>`, { status: 200 });
}

/** Whoever runs the host gave the application its name, and nobody has looked at it. */
function describedAt({ id }: Client): Html | false {
  if (!isDocumentId(id)) return false;
  return html`<p role="note">This is an application of <strong>${new URL(id).host}</strong>.</p>`;
}

function question(name: string, pending: PendingRequest, csrfToken: string): Html {
  const wishes = pending.scope.map((scope) => html`<li>${Object.hasOwn(meanings, scope) ? meanings[scope as keyof typeof meanings] : scope}</li>`); // prettier-ignore
  return html`<p>${name} would like to:</p>
    <ul>
      ${wishes}
    </ul>
    <form method="post" action="/consent">
      <input type="hidden" name="request" value="${pending.id}" />
      <input type="hidden" name="csrf_token" value="${csrfToken}" />
      <button type="submit" name="decision" value="allow">Allow</button>
      <button type="submit" name="decision" value="deny">Deny</button>
    </form>`;
}
