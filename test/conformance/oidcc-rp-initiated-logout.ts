import { Browser, formOf } from '../journeys/browser.ts';
import { plan } from './module.ts';
import type { Provider } from './provider.ts';
import { RelyingParty } from './relying-party.ts';

const AFTER = 'https://rp.example/logged-out';

/** `oidcc-rp-initiated-logout-certification-test-plan`: OpenID Connect RP-Initiated Logout 1.0. */
export function oidccRpInitiatedLogout(of: () => Provider): void {
  /** Logs in, sends the browser to the logout endpoint, and says where that led and whether the login still counts. */
  async function logOut(parameters: (idToken: string) => Record<string, string>) {
    const party = await RelyingParty.register(of(), { post_logout_redirect_uris: [AFTER] });
    const { browser, idToken } = await party.logIn();
    const query = new URLSearchParams(parameters(idToken)).toString();
    const response = await browser.get(`${party.server.end_session_endpoint ?? ''}?${query}`);
    return { location: response.headers.get('location'), status: response.status, response, browser, party };
  }
  const loggedIn = async (party: RelyingParty, browser: Browser) =>
    (await party.authorize({ prompt: 'none' }, { browser })).parameters.get('error') !== 'login_required';
  /** Without a usable hint the person is asked; the answer ends the session at this server, and leads nowhere. */
  async function asked({ response, party, browser, location }: Awaited<ReturnType<typeof logOut>>): Promise<void> {
    expect(location).toBeNull();
    expect(await loggedIn(party, browser)).toBe(true);
    const done = await browser.submit(await formOf(response));
    expect(done.headers.get('location') ?? '').not.toContain('rp.example');
    expect(await loggedIn(party, browser)).toBe(false);
  }

  plan('oidcc-rp-initiated-logout-certification-test-plan', (module) => {
    module('oidcc-rp-initiated-logout-discovery-endpoint-verification', async () => {
      const { server } = await RelyingParty.register(of());
      expect(server.end_session_endpoint).toBe(`${of().issuer}/oauth/logout`);
    });

    module('oidcc-rp-initiated-logout', async () => {
      const out = await logOut((hint) => ({ id_token_hint: hint, post_logout_redirect_uri: AFTER, state: 'abc' }));
      expect(out.location).toBe(`${AFTER}?state=abc`);
      expect(await loggedIn(out.party, out.browser)).toBe(false);
    });

    module('oidcc-rp-initiated-logout-no-state', async () => {
      const out = await logOut((hint) => ({ id_token_hint: hint, post_logout_redirect_uri: AFTER }));
      expect(out.location).toBe(AFTER);
      expect(await loggedIn(out.party, out.browser)).toBe(false);
    });

    const elsewhere: Record<string, string> = {
      'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri': 'https://rp.example/elsewhere',
      'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri': `${AFTER}?foo=bar`,
    };
    for (const [name, uri] of Object.entries(elsewhere))
      module(name, async () => {
        const out = await logOut((hint) => ({ id_token_hint: hint, post_logout_redirect_uri: uri, state: 'abc' }));
        expect([out.location, out.status]).toEqual([null, 400]);
      });

    const hints: Record<string, (idToken: string) => Record<string, string>> = {
      'oidcc-rp-initiated-logout-no-id-token-hint': () => ({ state: 'abc' }),
      'oidcc-rp-initiated-logout-no-params': () => ({}),
      'oidcc-rp-initiated-logout-only-state': () => ({ state: 'abc' }),
    };
    for (const [name, parameters] of Object.entries(hints)) module(name, async () => asked(await logOut(parameters)));

    module('oidcc-rp-initiated-logout-no-post-logout-redirect-uri', async () => {
      const out = await logOut((hint) => ({ id_token_hint: hint }));
      expect([out.location, out.status]).toEqual([null, 200]);
      expect(await loggedIn(out.party, out.browser)).toBe(false);
    });

    const wrong: Record<string, (idToken: string) => string> = {
      'oidcc-rp-initiated-logout-bad-id-token-hint': () => 'eyJhbGciOiJub25lIn0.e30.',
      'oidcc-rp-initiated-logout-modified-id-token-hint': (idToken) => `${idToken.slice(0, -6)}AAAAAA`,
    };
    for (const [name, hint] of Object.entries(wrong))
      module(name, async () => {
        const out = await logOut((idToken) => ({ id_token_hint: hint(idToken), post_logout_redirect_uri: AFTER }));
        expect(out.location).toBeNull();
        expect(await loggedIn(out.party, out.browser)).toBe(true);
      });
  });
}
