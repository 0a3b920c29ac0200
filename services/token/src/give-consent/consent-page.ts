import { html, page, type Html, type Page } from '@gatehouse/http';
import type { ownScopes } from '../domain/scope.ts';
import { isDocumentId } from '../domain/client-id-document.ts';
import type { Client } from '../domain/client.ts';
import type { Resources } from '../domain/resource.ts';
import { detailWish } from './detail-wish.ts';
import { formOriginOf } from '../protocol/next-page.ts';
import type { PendingRequest } from '../store/authorization-requests.ts';

/** What a scope means to a person. */
const meanings: Readonly<Record<(typeof ownScopes)[number], string>> = {
  openid: 'know who you are',
  email: 'see your e-mail address',
  profile: 'see your language',
  offline_access: 'act for you while you are away',
};

/** What the person is asked, and the resources that it is about. */
export interface AskedOnPage {
  readonly pending: PendingRequest;
  readonly client: Client;
  readonly resources: Resources;
}

export function consentPage(asked: AskedOnPage, csrfToken: string): Page {
  const { pending, client } = asked;
  const { client_name: name = client.id, client_uri, policy_uri, tos_uri } = client.metadata;
  const links = [
    ['About the application', client_uri],
    ['Its privacy policy', policy_uri],
    ['Its terms of service', tos_uri],
  ].map(([text, href]) => href !== undefined && html`<br /><a href="${href}" rel="noreferrer">${text}</a>`);
  const body = html`${describedAt(client)}${question(name, asked, csrfToken)}
    <p><small>You return to ${new URL(pending.redirectUri).host}.${links}</small></p>`;
  return page(`Allow ${name}?`, body, { formAction: [formOriginOf(pending.redirectUri)] });
}

/** RFC 8628 5.4: somebody else may have sent the code, so the page says what happens and where. */
export function deviceConsentPage(asked: AskedOnPage, csrfToken: string): Page {
  const { client_name: name = asked.client.id } = asked.client.metadata;
  const body = html`<p role="alert">
      Allow this only if you started it on your device. Whoever sent you the code, or a link with it, gets into your
      account.
    </p>
    ${describedAt(asked.client)}${question(name, asked, csrfToken)}`;
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

function question(name: string, { pending, resources }: AskedOnPage, csrfToken: string): Html {
  const wishes = pending.scope.map((scope) => html`<li>${meaningOf(scope, pending.resources, resources)}</li>`);
  return html`<p>${name} would like to:</p>
    <ul>
      ${wishes}${pending.authorizationDetails.map((detail) => detailWish(detail, resources))}
    </ul>
    <form method="post" action="/consent">
      <input type="hidden" name="request" value="${pending.id}" />
      <input type="hidden" name="csrf_token" value="${csrfToken}" />
      <button type="submit" name="decision" value="allow">Allow</button>
      <button type="submit" name="decision" value="deny">Deny</button>
    </form>`;
}

/** In the words of a resource that is asked for, where it has any; else the name of the scope. */
function meaningOf(scope: string, audience: readonly string[], resources: Resources): string {
  if (Object.hasOwn(meanings, scope)) return meanings[scope as keyof typeof meanings]; // -- one of its own keys
  const asked = resources.filter(({ url }) => audience.length === 0 || audience.includes(url));
  const named = asked.flatMap(({ scopes }) => scopes ?? []).find(({ name }) => name === scope);
  return named?.description || scope; // -- the description may be empty
}
