import { DEMO_USER } from './seed.ts';

export interface DemoInput {
  readonly issuer: string;
  readonly authorization: string;
  readonly admin: { readonly id: string; readonly secret: string };
}

const NAME = 'Demo organisation';

/** The id of the demo organisation, which is made where it is missing, with the demo user as a member without grants. */
export async function ensureDemoOrganization(input: DemoInput): Promise<string> {
  const token = await adminToken(input);
  const call = <T>(method: string, path: string, body?: unknown) => request<T>(`${input.authorization}/api/v1/organizations${path}`, { method, token, body }); // prettier-ignore
  const known = await findOrganization((cursor) => call<Page>('GET', `?limit=100${cursor}`));
  const { id } = known ?? (await call<Organization>('POST', '', { name: NAME }));
  await call('POST', `/${id}/memberships`, { user_id: DEMO_USER.id }).catch((error: HttpError) => {
    if (error.status !== 409) throw error; // a member already
  });
  return id;
}

interface Organization {
  readonly id: string;
  readonly name: string;
}

interface Page {
  readonly items: readonly Organization[];
  readonly next_cursor: string | null;
}

async function findOrganization(read: (cursor: string) => Promise<Page>): Promise<Organization | undefined> {
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = await read(cursor && `&cursor=${encodeURIComponent(cursor)}`);
    const found = page.items.find(({ name }) => name === NAME);
    if (found) return found;
    cursor = page.next_cursor;
  }
  return undefined;
}

async function adminToken({ issuer, authorization, admin }: DemoInput): Promise<string> {
  const { token_endpoint } = await request<{ token_endpoint: string }>(
    `${issuer}/.well-known/openid-configuration`,
    {},
  );
  const form = new URLSearchParams({ grant_type: 'client_credentials', resource: authorization });
  const basic = Buffer.from(`${admin.id}:${admin.secret}`).toString('base64');
  const answer = await request<{ access_token: string }>(token_endpoint, { method: 'POST', basic, body: form });
  return answer.access_token;
}

class HttpError extends Error {
  readonly status: number;

  constructor(url: string, status: number, body: string) {
    super(`${url} answered ${status}: ${body}`);
    this.status = status;
  }
}

interface RequestInput {
  readonly method?: string;
  readonly token?: string;
  readonly basic?: string;
  readonly body?: unknown;
}

async function request<T>(url: string, { method = 'GET', token, basic, body }: RequestInput): Promise<T> {
  const form = body instanceof URLSearchParams;
  const answer = await fetch(url, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(basic && { authorization: `Basic ${basic}` }),
      ...(body !== undefined && !form && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: form ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new HttpError(url, answer.status, text);
  return JSON.parse(text) as T;
}
