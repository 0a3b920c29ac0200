import { createHash, randomBytes } from 'node:crypto';

export type Form = Readonly<Record<string, string | readonly string[]>>;

export function formOf(form: Form): URLSearchParams {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) for (const one of [value].flat()) body.append(name, one);
  return body;
}

/** As much of a browser as the flow needs: cookies, forms, and redirects that are looked at before they are followed. */
export class TestBrowser {
  readonly cookies = new Map<string, string>();

  constructor(private readonly origin: string) {}

  async get(path: string): Promise<Response> {
    return this.send(new URL(path, this.origin), { method: 'GET' });
  }

  async post(path: string, form: Form): Promise<Response> {
    return this.send(new URL(path, this.origin), { method: 'POST', body: formOf(form) });
  }

  /** Submits the page's form with these fields filled in. */
  async submit(page: string, fields: Form): Promise<Response> {
    const action = /<form method="post" action="([^"]+)"/.exec(page)?.[1];
    if (!action) throw new Error(`no form in ${page}`);
    return this.post(action, { ...hiddenFields(page), ...fields });
  }

  /** From the authorization endpoint to the login page. */
  async openLogin(authorizationPath: string): Promise<string> {
    const response = await this.get(authorizationPath);
    const page = await this.get(locationOf(response).href);
    return page.text();
  }

  private async send(url: URL, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: cookie ? { cookie } : {} });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    return response;
  }
}

export function hiddenFields(page: string): Record<string, string> {
  const inputs = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, value]));
}

export function locationOf(response: Response): URL {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`status ${response.status} without a location`);
  return new URL(location);
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The path of an authorization request; `changes` with undefined leave a parameter out. */
export function authorizationPath(
  client: { id: string; redirectUri: string },
  { challenge }: Pkce,
  changes: Readonly<Record<string, string | readonly string[] | undefined>> = {},
): string {
  const parameters = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope: 'openid email',
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries<string | readonly string[] | undefined>(parameters))
    for (const one of [value ?? []].flat()) query.append(name, one);
  return `/oauth/authorize?${query.toString()}`;
}
