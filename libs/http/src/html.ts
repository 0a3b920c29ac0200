/** Text that is already HTML; only `html` makes it, so nothing unescaped gets in. */
export class Html {
  constructor(readonly text: string) {}
}

export type HtmlValue = string | number | Html | null | undefined | false | readonly HtmlValue[];

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * HTML in which every value is escaped, other `html` excepted; null, undefined and false are empty, lists are joined.
 * Attribute values are quoted in the template.
 *
 * @example html`<p title="${title}">${lines.map((line) => html`<br>${line}`)}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(strings.reduce((text, part, index) => text + render(values[index - 1]) + part));
}

function render(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return String(value).replace(/[&<>"']/g, (character) => escapes[character] ?? '');
}
