import { html, type Html } from '@gatehouse/http';

/** What a template makes: the same message as text and as HTML. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The languages that every template has. */
export const locales = ['en'] as const;
export type Locale = (typeof locales)[number];

/** A template misses no language and no variable, or it does not compile. */
export type MailTemplate<V> = Readonly<Record<Locale, (variables: V) => MailContent>>;

/** The best language for a BCP 47 tag: `en-GB` is answered by `en`, anything unknown by English. */
export function localeFor(tag: string | null): Locale {
  const language = tag?.toLowerCase().split('-')[0];
  return locales.find((locale) => locale === language) ?? 'en';
}

/** The frame of every HTML part: readable without images, in the dark and at any width. */
export function mailPage(locale: Locale, subject: string, body: Html): string {
  return html`<!doctype html>
    <html lang="${locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${subject}</title>
      </head>
      <body style="margin:0;padding:24px;font-family:system-ui,sans-serif;font-size:16px;line-height:1.5">
        <div style="max-width:480px;margin:0 auto">${body}</div>
      </body>
    </html> `.text;
}
