import * as openid from 'openid-client';
import { Browser, formOf } from '../journeys/browser.ts';
import type { Provider } from './provider.ts';

/** Where a client registers itself, and who logs in there. */
type Party = Pick<Provider, 'issuer' | 'person'>;

export const CALLBACK = 'https://rp.example/callback';
const STEPS_MAX = 8;

type Parameters = Readonly<Record<string, string | undefined>>;

/** What a client gets back through the browser. */
export interface Answer {
  /** The answer at the redirect URI, as the client receives it; undefined where the browser stopped at a page. */
  readonly callback: Request | undefined;
  readonly parameters: URLSearchParams;
  /** What the person saw on the way. */
  readonly pages: readonly { readonly title: string; readonly status: number; readonly html: string }[];
  readonly state: string;
  readonly nonce: string;
}

/** A client as the certification suites play it: registered for one test, with a certified library inside. */
export class RelyingParty {
  private constructor(
    private readonly provider: Party,
    readonly configuration: openid.Configuration,
  ) {}

  static async register(provider: Party, metadata: Partial<openid.ClientMetadata> = {}): Promise<RelyingParty> {
    const execute = [openid.allowInsecureRequests];
    const wanted = {
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      ...metadata,
    };
    const configuration = await openid.dynamicClientRegistration(new URL(provider.issuer), wanted, undefined, {
      execute,
    });
    openid.enableNonRepudiationChecks(configuration);
    return new RelyingParty(provider, configuration);
  }

  get server(): openid.ServerMetadata {
    return this.configuration.serverMetadata();
  }

  get metadata(): openid.ClientMetadata {
    return this.configuration.clientMetadata();
  }

  /** Sends the browser to the authorization endpoint, and lets the person log in and consent where they are asked. */
  async authorize(changes: Parameters = {}, { browser = new Browser(), by = 'GET' } = {}): Promise<Answer> {
    const [state, nonce] = [openid.randomState(), openid.randomNonce()];
    const request = {
      response_type: 'code',
      client_id: this.metadata.client_id,
      redirect_uri: CALLBACK,
      scope: 'openid',
      state,
      nonce,
      ...changes,
    };
    const given = Object.entries(request).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const endpoint = this.server.authorization_endpoint ?? '';
    const first =
      by === 'POST'
        ? await browser.submit({ action: endpoint, fields: Object.fromEntries(given) })
        : await browser.get(`${endpoint}?${new URLSearchParams(given).toString()}`);
    return { ...(await followPages(this.provider, first, browser)), state, nonce };
  }

  /** The tokens for the code of an answer, checked as the library checks them. */
  async tokens({ callback, pages, state, nonce }: Answer, checks: openid.AuthorizationCodeGrantChecks = {}) {
    if (!callback) throw new Error(`there was no answer at the redirect URI, but: ${pages.at(-1)?.html ?? ''}`);
    const expected = { expectedState: state, expectedNonce: nonce, idTokenExpected: true, ...checks };
    return openid.authorizationCodeGrant(this.configuration, callback, expected);
  }

  /** Authorization and tokens in one. */
  async logIn(changes: Parameters = {}, browser = new Browser()) {
    const answer = await this.authorize(changes, { browser });
    const nonce = 'nonce' in changes ? changes['nonce'] : answer.nonce;
    const tokens = await this.tokens(answer, { expectedNonce: nonce });
    const claims = tokens.claims();
    if (!claims) throw new Error('there was no ID token');
    return { answer, tokens, claims, idToken: tokens.id_token ?? '', browser };
  }
}

/** Follows redirects and fills in the pages of the provider as its person, up to the answer at the redirect URI. */
export async function followPages(
  provider: Party,
  first: Response,
  browser: Browser,
  decision: 'allow' | 'deny' = 'allow',
): Promise<Pick<Answer, 'callback' | 'parameters' | 'pages'>> {
  const pages: Answer['pages'][number][] = [];
  let response = first;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, response.url);
      if (next.origin !== new URL(provider.issuer).origin)
        return { callback: new Request(next), parameters: next.searchParams, pages };
      response = await browser.get(next.href);
      continue;
    }
    const html = await response.clone().text();
    const title = /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? '';
    const form = await formOf(response).catch(() => undefined);
    if (form && new URL(form.action).origin !== new URL(provider.issuer).origin) {
      const parameters = new URLSearchParams(form.fields);
      return { callback: new Request(form.action, { method: 'POST', body: parameters }), parameters, pages };
    }
    pages.push({ title, status: response.status, html });
    if (!form || response.status >= 400) return { callback: undefined, parameters: new URLSearchParams(), pages };
    response = await browser.submit(form, html.includes('name="password"') ? provider.person : { decision });
  }
  throw new Error(`the browser is still at ${response.url} after ${STEPS_MAX} steps`);
}
