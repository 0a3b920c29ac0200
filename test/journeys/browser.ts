/** A person's browser without scripts: keeps cookies, follows nothing by itself, reads forms out of pages. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  /** `headers` go with every request, e.g. a `traceparent`. */
  constructor(private readonly headers: Readonly<Record<string, string>> = {}) {}

  async get(url: string): Promise<Response> {
    return this.fetch(url, { method: 'GET' });
  }

  /** Fills in a form of a page and sends it. */
  async submit(form: Form, values: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.fetch(form.action, { method: 'POST', body: new URLSearchParams({ ...form.fields, ...values }) });
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', ...this.headers, ...(cookie ? { cookie } : {}) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return response;
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const expired = attributes.some((attribute) => /^max-age=0$/i.test(attribute)) || value === '';
    if (expired) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** A form as a page holds it: where it goes, and its hidden fields. */
export interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The first POST form of a page, or the one whose action contains `action`. */
export async function formOf(page: Response, action = ''): Promise<Form> {
  const html = await page.text();
  for (const [tag, body = ''] of [...html.matchAll(/<form\b[^>]*>(.*?)<\/form>/gs)].map((match) => [
    match[0],
    match[1],
  ])) {
    const target = attribute(tag!, 'action') ?? page.url;
    if (!target.includes(action)) continue;
    const hidden = [...body.matchAll(/<input\b[^>]*>/g)]
      .map(([input]) => input)
      .filter((input) => attribute(input, 'type') === 'hidden');
    const fields = hidden.map((input) => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? '']);
    return { action: new URL(target, page.url).href, fields: Object.fromEntries(fields) as Record<string, string> };
  }
  throw new Error(`no form${action ? ` for ${action}` : ''} on ${page.url} (status ${page.status})`);
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}="([^"]*)"`).exec(tag);
  return match?.[1]
    ?.replaceAll('&amp;', '&')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
}

/** Where a redirect leads; an error that shows the page where there is none. */
export async function redirectOf(response: Response): Promise<string> {
  const location = response.headers.get('location');
  if (!location)
    throw new Error(
      `expected a redirect from ${response.url}, got ${response.status}: ${(await response.text()).slice(0, 300)}`,
    );
  return new URL(location, response.url).href;
}
