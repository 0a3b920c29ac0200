import { html, page, type Page } from '@gatehouse/http';

/** @param wrong whether this code was entered and is none */
export function userCodePage(csrfToken: string, userCode = '', wrong = false): Page {
  const alert = wrong && html`<p role="alert">This code is wrong or has expired. Please look at your device again.</p>`;
  const body = html`${alert}
    <form method="post" action="/device">
      <input type="hidden" name="csrf_token" value="${csrfToken}" />
      <label for="user_code">Code that your device shows</label>
      <input
        id="user_code"
        name="user_code"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck="false"
        required
        maxlength="64"
        value="${userCode}"
      />
      <button type="submit">Continue</button>
    </form>
    <p><small>Continue only if you started this on your device.</small></p>`;
  return page('Connect a device', body, wrong ? { status: 400 } : {});
}
