import { html, page, Redirect, type Page } from '@gatehouse/http';
import { responseLocation, type AuthorizationResponse } from '../domain/authorization-response.ts';

/** Where the browser goes next: back to the client with its answer, or to a page of ours. */
export type NextPage = AuthorizationResponse | { readonly path: '/login' | '/consent'; readonly requestId: string };

export function showNextPage(next: NextPage, issuer: string): Page | Redirect {
  if ('path' in next) return new Redirect(`${issuer}${next.path}?request=${next.requestId}`);
  return next.to.responseMode === 'form_post' ? formPost(next) : new Redirect(responseLocation(next));
}

/** Browsers hold the redirect after a form to the policy for forms, so the client's origin must be in it. */
export function formOriginOf(redirectUri: string): string {
  const { protocol, origin } = new URL(redirectUri);
  return origin === 'null' ? protocol : origin;
}

/** OAuth 2.0 Form Post Response Mode 2. Without scripts the person presses the button. */
function formPost({ to, parameters }: AuthorizationResponse): Page {
  const inputs = Object.entries(parameters).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  const body = html`<form method="post" action="${to.redirectUri}">
    ${inputs}
    <button type="submit">Continue</button>
  </form>`;
  const submitAtOnce = 'document.forms[0].submit()';
  const formAction = [formOriginOf(to.redirectUri)];
  return page('Back to the application', body, { status: 200, formAction, script: submitAtOnce });
}
