import { html, page, type Html, type Page } from '@gatehouse/http';

/** What a page has to say; `malformed` is input that is no code at all. */
type LinkPageState = 'pending' | 'confirmed' | 'invalid' | 'expired' | 'locked';
type CodePageState = LinkPageState | 'malformed';

const statuses: Readonly<Record<CodePageState, number>> = {
  pending: 200,
  confirmed: 200,
  malformed: 400,
  locked: 409,
  expired: 410,
  invalid: 422,
};

const confirmed = html`<p>You can close this page and log in.</p>`;

/** Behind the link of a mail: one button, which posts to the address of the page itself. */
export function linkPage(state: LinkPageState): Page {
  const status = { status: statuses[state] };
  switch (state) {
    case 'confirmed':
      return page('Your e-mail address is confirmed', confirmed, status);
    case 'expired':
      return page('The link has expired', html`<p>Log in to get a new mail.</p>`, status);
    case 'invalid':
    case 'locked':
      return page('The link is not valid', html`<p>Open the link of the newest mail, whole.</p>`, status);
    case 'pending':
      return page(
        'Confirm your e-mail address',
        html`<p>Press the button if it was you who registered. If not, close this page: nothing happens.</p>
          <form method="post"><button>Confirm my address</button></form>`,
        status,
      );
  }
}

/** Where the code of a mail is typed, with a button that asks for another mail. */
export function codePage(flowId: string, state: CodePageState): Page {
  const status = { status: statuses[state] };
  switch (state) {
    case 'confirmed':
      return page('Your e-mail address is confirmed', confirmed, status);
    case 'expired':
      return page('The code has expired', resendForm(flowId), status);
    case 'locked':
      return page(
        'Too many wrong codes',
        html`<p role="alert">Use the link of the mail instead of its code.</p>
          ${resendForm(flowId)}`,
        status,
      );
    default:
      return page('Confirm your e-mail address', codeForm(flowId, state), status);
  }
}

/** The same whether or not another mail is sent. */
export function resentPage(flowId: string): Page {
  return page(
    'Look into your mailbox',
    html`<p>If another mail can be sent, it is on its way.</p>
      <p><a href="/verify/${flowId}">Type the code</a></p>`,
  );
}

function codeForm(flowId: string, state: 'pending' | 'invalid' | 'malformed'): Html {
  const alert = { pending: null, invalid: 'This code is not valid.', malformed: 'A code has 8 letters and digits.' }[
    state
  ];
  return html`${alert && html`<p role="alert">${alert}</p>`}
    <form method="post" action="/verify/${flowId}">
      <label for="code">The code of the mail</label>
      <input id="code" name="code" required maxlength="64" autocomplete="one-time-code" autocapitalize="characters" />
      <button>Confirm my address</button>
    </form>
    ${resendForm(flowId)}`;
}

function resendForm(flowId: string): Html {
  return html`<form method="post" action="/verify/${flowId}/resend"><button>Send another mail</button></form>`;
}
