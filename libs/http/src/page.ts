import { createHash } from 'node:crypto';
import { Html, html } from './html.ts';

/** An HTML answer of a handler whose endpoint declares `html` or `redirect`. */
export class Page {
  constructor(
    readonly content: Html,
    readonly options: {
      /** Instead of the endpoint's success status. */
      readonly status?: number;
      /** Origins beside our own to which a form may lead, redirects after it included. */
      readonly formAction?: readonly string[];
      /** One inline script, allowed by its hash; the page works without it, too. */
      readonly script?: string;
    } = {},
  ) {}
}

/** A redirect as the answer of a handler. 303 makes the browser GET, whatever the method was (RFC 9700 4.12). */
export class Redirect {
  constructor(
    readonly location: string,
    readonly status: 302 | 303 = 303,
  ) {}
}

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0 }
main { max-width: 26rem; margin: 12vh auto 2rem; padding: 0 1.25rem }
main.wide { max-width: 60rem; margin-top: 2rem }
h1 { font-size: 1.5rem; line-height: 1.25 }
label { display: block; margin-top: 1rem; font-weight: 600 }
input, button { font: inherit; box-sizing: border-box; width: 100%; padding: .55rem .7rem; border: 1px solid #767676; border-radius: .35rem }
button { margin-top: 1.25rem; border-color: transparent; background: #1a4f8b; color: #fff; font-weight: 600; cursor: pointer }
:focus-visible { outline: 3px solid #6aa9f0; outline-offset: 2px }
[role=alert] { border-left: .3rem solid #b3261e; padding-left: .7rem }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem; overflow-x: auto }
small { opacity: .8 }
`;
/** As one piece: formatting must not come between the tag and the text that is hashed. */
const styleElement = new Html(`<style>${style}</style>`);
const styleHash = createHash('sha256').update(style).digest('base64');

/** What a page may load and where its forms may lead: itself, and `formAction`. */
export function contentSecurityPolicy({ formAction = [], script }: Page['options'] = {}): string {
  return [
    "default-src 'none'",
    ...(script === undefined ? [] : [`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`]),
    `style-src 'sha256-${styleHash}'`,
    "img-src 'self' data:",
    ['form-action', "'self'", ...formAction].join(' '),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** A whole page around `body`, in the one plain style of Gatehouse. */
export function page(title: string, body: Html, options: Page['options'] & { readonly wide?: boolean } = {}): Page {
  return new Page(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title}</title>
          ${styleElement}
        </head>
        <body>
          <main class="${options.wide ? 'wide' : ''}">
            <h1>${title}</h1>
            ${body}
          </main>
          ${options.script === undefined ? undefined : new Html(`<script>${options.script}</script>`)}
        </body>
      </html>`,
    options,
  );
}
