import { html, page, type Html, type Page } from '@gatehouse/http';
import { formOriginOf } from '../protocol/next-page.ts';
import type { PendingRequest } from '../store/authorization-requests.ts';

/** What the forms of one pending request carry. */
export interface FormContext {
  readonly pending: PendingRequest;
  readonly csrfToken: string;
}

/** @param failed whether credentials were given and were wrong, of which kind the page never says */
export function loginPage(context: FormContext, email = '', failed = false): Page {
  const alert = failed && html`<p role="alert">The e-mail address or the password is wrong.</p>`;
  const fields = html`
    <label for="email">E-mail address</label>
    <input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="${email}" />
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="128" />
    <button type="submit">Log in</button>
  `;
  const body = html`${alert}${form('/login', context, fields)}
    <p><small>You continue to ${context.pending.clientId}.</small></p>`;
  return page('Log in', body, {
    ...(failed && { status: 403 }),
    formAction: [formOriginOf(context.pending.redirectUri)],
  });
}

export function unverifiedPage(context: FormContext): Page {
  const body = html`<p role="alert">Your e-mail address is not confirmed yet. Please follow the link in our mail.</p>
    ${form('/login/verification-mail', context, html`<button type="submit">Send a new mail</button>`)}
    <p><a href="${loginPath(context.pending)}">Back to the login</a></p>`;
  return page('Confirm your e-mail address', body, { status: 403 });
}

export function mailSentPage(pending: PendingRequest): Page {
  const body = html`<p role="status">A new mail is on its way. Please follow its link, then log in.</p>
    <p><a href="${loginPath(pending)}">Back to the login</a></p>`;
  return page('Mail sent', body);
}

function form(action: string, { pending, csrfToken }: FormContext, content: Html): Html {
  return html`<form method="post" action="${action}">
    <input type="hidden" name="request" value="${pending.id}" />
    <input type="hidden" name="csrf_token" value="${csrfToken}" />
    ${content}
  </form>`;
}

function loginPath({ id }: PendingRequest): string {
  return `/login?request=${id}`;
}
