import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { CsrfProtection } from '@gatehouse/http';
import { eventually } from '@gatehouse/testing';
import {
  authorizationPath,
  hiddenFields,
  locationOf,
  newPkce,
  TestBrowser,
  type Pkce,
} from '../browser.spec-support.ts';
import { KeyRing } from '../protocol/key-ring.ts';
import { AuthorizationCodes } from '../store/authorization-codes.ts';
import { Sessions } from '../store/sessions.ts';
import { refusalOf, TokenHarness, tokensOf, type Tokens } from '../token.spec-support.ts';

const APP = { id: 'app', secret: 'a'.repeat(43), redirectUri: 'https://app.example/callback' };
const GOODBYE = 'https://app.example/goodbye?from=gatehouse';
let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('log-out');
  await token.seed({
    clients: [
      {
        id: APP.id,
        secret: APP.secret,
        redirect_uris: [APP.redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        scopes: ['openid', 'email', 'offline_access'],
        post_logout_redirect_uris: [GOODBYE, 'com.example.app:/goodbye'],
      },
    ],
  });
}, 60_000);
afterAll(() => token.stop());

type Changes = Parameters<typeof authorizationPath>[2];
interface Person {
  readonly id: string;
  readonly browser: TestBrowser;
  readonly tokens: Tokens;
}

const exchange = (code: string, pkce: Pkce) =>
  token.postForm(
    '/oauth/token',
    { grant_type: 'authorization_code', code, redirect_uri: APP.redirectUri, code_verifier: pkce.verifier },
    APP,
  );

async function more(browser: TestBrowser, changes: Changes = {}): Promise<Tokens> {
  const pkce = newPkce();
  const answer = locationOf(await browser.get(authorizationPath(APP, pkce, changes)));
  return tokensOf(await exchange(answer.searchParams.get('code') ?? '', pkce));
}

async function person(): Promise<Person> {
  const { id, email, password } = await token.account();
  const browser = new TestBrowser(token.issuer);
  const pkce = newPkce();
  const answer = locationOf(await browser.submit(await browser.openLogin(authorizationPath(APP, pkce)), { email, password })); // prettier-ignore
  const tokens = await tokensOf(await exchange(answer.searchParams.get('code') ?? '', pkce));
  return { id, browser, tokens };
}

const logoutPath = (parameters: Record<string, string>) =>
  `/oauth/logout?${new URLSearchParams(parameters).toString()}`;
const withHint = ({ tokens }: Person, others: Record<string, string> = {}) =>
  logoutPath({ id_token_hint: tokens.id_token, ...others });
const isLoggedIn = async (browser: TestBrowser) =>
  locationOf(await browser.get(authorizationPath(APP, newPkce(), { prompt: 'none' }))).searchParams.has('code');
const ended = async (id: string) => (await token.events({ type: 'session.ended', key: id })).map(({ data }) => data);
const refresh = (tokens: Tokens) => token.refresh(tokens.refresh_token, {}, APP);

describe('with an ID token of the session', () => {
  test('logs out at once, and returns to the registered URI with the state; once, and audited', async () => {
    const one = await person();
    const path = withHint(one, { post_logout_redirect_uri: GOODBYE, state: 's 1', client_id: APP.id });
    const response = await one.browser.get(path);
    expect(response.status).toBe(303);
    expect(locationOf(response).href).toBe(`${GOODBYE}&state=s+1`);
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^gatehouse-session=; .*Expires=Thu, 01 Jan 1970/)]); // prettier-ignore
    expect(await isLoggedIn(one.browser)).toBe(false);
    expect(locationOf(await one.browser.get(path)).href).toBe(`${GOODBYE}&state=s+1`);
    expect(await ended(one.id)).toEqual([
      { account_id: one.id, session_id: one.tokens.claims.sid, client_id: APP.id, revoked_grants: 1 },
    ]);
  });

  test('the stolen cookie of the session is worth nothing afterwards', async () => {
    const one = await person();
    const thief = new TestBrowser(token.issuer);
    for (const [name, value] of one.browser.cookies) thief.cookies.set(name, value);
    expect(await isLoggedIn(thief)).toBe(true);
    await one.browser.get(withHint(one));
    expect(await isLoggedIn(thief)).toBe(false);
  });

  test('an expired one is as good; without a URI the browser stays on a page of ours', async () => {
    const one = await person();
    const claims = decodeJwt(one.tokens.id_token);
    const id_token_hint = token.part(KeyRing).sign('JWT', { ...claims, iat: 1_000, exp: 1_600 });
    const response = await one.browser.get(logoutPath({ id_token_hint }));
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('You are logged out');
  });

  test('by POST the same goes through a GET, which the session cookie reaches', async () => {
    const one = await person();
    const response = await token.postForm('/oauth/logout', { id_token_hint: one.tokens.id_token, state: 'x' });
    expect(response.status).toBe(303);
    expect((await one.browser.get(locationOf(response).href)).status).toBe(200);
    expect(await ended(one.id)).toHaveLength(1);
  });

  test('openid-client, which is certified, finds the endpoint and builds a request that is taken', async () => {
    const execute = [openid.allowInsecureRequests];
    const configuration = await openid.discovery(new URL(token.issuer), APP.id, APP.secret, undefined, { execute });
    const one = await person();
    const url = openid.buildEndSessionUrl(configuration, {
      id_token_hint: one.tokens.id_token,
      post_logout_redirect_uri: GOODBYE,
    });
    expect(locationOf(await one.browser.get(url.href)).href).toBe(GOODBYE);
    expect(await ended(one.id)).toHaveLength(1);
  });

  test('a URI of the native kind is returned to as well', async () => {
    const one = await person();
    const path = withHint(one, { post_logout_redirect_uri: 'com.example.app:/goodbye', state: 'x' });
    expect((await one.browser.get(path)).headers.get('location')).toBe('com.example.app:/goodbye?state=x');
  });
});

describe('400 on a page of ours, nothing ended and no redirect', () => {
  test.each<[string, (one: Person) => Record<string, string>]>([
    ['a URI that is not registered', () => ({ post_logout_redirect_uri: 'https://evil.example/' })],
    ['a registered URI with more', () => ({ post_logout_redirect_uri: `${GOODBYE}&x=1` })],
    ['a registered URI in another spelling', () => ({ post_logout_redirect_uri: GOODBYE.replace('app', 'APP') })],
    ['a redirect URI of another purpose', () => ({ post_logout_redirect_uri: APP.redirectUri })],
    ['a URI of another client', () => ({ client_id: 'demo', post_logout_redirect_uri: GOODBYE, id_token_hint: '' })],
    ['a URI and no client', () => ({ id_token_hint: '', post_logout_redirect_uri: GOODBYE })],
    ['a client that the ID token is not for', () => ({ client_id: 'demo' })],
    ['a changed ID token', ({ tokens }) => ({ id_token_hint: `${tokens.id_token.slice(0, -8)}AAAAAAAA` })],
    ['an access token', ({ tokens }) => ({ id_token_hint: tokens.access_token })],
    ['something else', () => ({ id_token_hint: 'abc' })],
  ])('%s', async (_, changes) => {
    const one = await person();
    const response = await one.browser.get(withHint(one, changes(one)));
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    expect(await isLoggedIn(one.browser)).toBe(true);
    expect(await ended(one.id)).toEqual([]);
  });
});

describe('without an ID token of the session', () => {
  const asks = async (response: Response) => {
    expect(response.status).toBe(200);
    const page = await response.text();
    expect(page).toContain('Do you want to log out?');
    expect(page).not.toContain('<script');
    return page;
  };

  // ASVS 10.6.2
  test('the person is asked, and goes back to the client after the press of a button', async () => {
    const one = await person();
    const path = logoutPath({ client_id: APP.id, post_logout_redirect_uri: GOODBYE, state: 's' });
    const page = await asks(await one.browser.get(path));
    expect(await isLoggedIn(one.browser)).toBe(true);
    expect(locationOf(await one.browser.submit(page, {})).href).toBe(`${GOODBYE}&state=s`);
    expect(await isLoggedIn(one.browser)).toBe(false);
    expect(await ended(one.id)).toHaveLength(1);
  });

  test("one of somebody else's is none", async () => {
    const [one, other] = [await person(), await person()];
    await asks(await one.browser.get(withHint(other)));
    expect(await isLoggedIn(one.browser)).toBe(true);
    expect(await isLoggedIn(other.browser)).toBe(true);
  });

  test('the form cannot be turned to another address', async () => {
    const one = await person();
    const page = await asks(await one.browser.get(logoutPath({ client_id: APP.id })));
    const response = await one.browser.submit(page, { post_logout_redirect_uri: 'https://evil.example/' });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
    expect(await isLoggedIn(one.browser)).toBe(true);
  });

  /** Whether another site can log a person out, by a form with everything but the token of this browser. */
  async function forged(): Promise<boolean> {
    const [one, attacker] = [await person(), await person()];
    const page = await asks(await attacker.browser.get(logoutPath({})));
    await one.browser.get(logoutPath({}));
    await one.browser.post('/logout', { ...hiddenFields(page) });
    return !(await isLoggedIn(one.browser));
  }

  test('another site cannot press the button', async () => {
    expect(await forged()).toBe(false);
  });

  test('negative control: with the protection off, the same forged form logs out', async () => {
    const csrf = token.part(CsrfProtection);
    const verify = csrf.verify.bind(csrf);
    csrf.verify = () => undefined;
    try {
      expect(await forged()).toBe(true);
    } finally {
      csrf.verify = verify;
    }
  });
});

describe('what ends with the session', () => {
  test('its tokens: refresh tokens at once, access tokens within a second; not those of another session', async () => {
    const one = await person();
    const second = await more(one.browser);
    const other = await person();
    await one.browser.get(withHint(one));
    for (const tokens of [one.tokens, second]) {
      expect(await refusalOf(await refresh(tokens))).toEqual([400, 'invalid_grant']);
      await eventually(async () => expect((await token.me(tokens.access_token)).status).toBe(401), { within: '5s' });
    }
    expect((await token.me(other.tokens.access_token)).status).toBe(200);
    expect((await refresh(other.tokens)).status).toBe(200);
    const [revoked] = await token.events({ type: 'token.revoked', key: `session:${one.tokens.claims.sid}` });
    expect(revoked?.data).toMatchObject({ scope: 'session', reason: 'logout', client_id: APP.id, account_id: one.id });
  });

  test('a grant with offline_access goes on: its access tokens name no session', async () => {
    const one = await person();
    const offline = await more(one.browser, { scope: 'openid offline_access' });
    expect(offline.claims.sid).toBeUndefined();
    expect(one.tokens.claims.sid).toBeDefined();
    await one.browser.get(withHint(one));
    await eventually(async () => expect((await token.me(one.tokens.access_token)).status).toBe(401), { within: '5s' });
    expect((await token.me(offline.access_token)).status).toBe(200);
    const refreshed = await tokensOf(await refresh(offline));
    expect(refreshed.claims.sid).toBeUndefined();
    expect(await ended(one.id)).toEqual([expect.objectContaining({ revoked_grants: 1 })]);
  });

  test('a code that was not exchanged yet', async () => {
    const one = await person();
    const pkce = newPkce();
    const answer = locationOf(await one.browser.get(authorizationPath(APP, pkce)));
    await one.browser.get(withHint(one));
    const response = await exchange(answer.searchParams.get('code') ?? '', pkce);
    expect(await refusalOf(response)).toEqual([400, 'invalid_grant']);
  });

  /**
   * The status of the exchange of a code that is written while the logout runs, by a request that saw the session. Its grant
   * would outlive the session, so that nothing but the logout ends it.
   */
  async function exchangeOfRacingCode(): Promise<number> {
    const one = await person();
    const codes = token.part(AuthorizationCodes);
    const add = codes.add.bind(codes);
    let logout: Promise<void> | undefined;
    codes.add = async (...code) => {
      codes.add = add;
      let over = false;
      logout = one.browser.get(withHint(one)).then(() => void (over = true));
      const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE FROM browser_session%'"; // prettier-ignore
      await eventually(async () => expect(over || (await token.sql(waiting)).length > 0).toBe(true), { within: '5s' });
      return add(...code);
    };
    const pkce = newPkce();
    const second = new TestBrowser(token.issuer);
    for (const [name, value] of one.browser.cookies) second.cookies.set(name, value);
    const answer = locationOf(await second.get(authorizationPath(APP, pkce, { scope: 'openid offline_access' })));
    await logout;
    return (await exchange(answer.searchParams.get('code') ?? '', pkce)).status;
  }

  test('a code that is written while the logout runs', async () => {
    expect(await exchangeOfRacingCode()).toBe(400);
  });

  test('negative control: where the session is not held, such a code gives tokens after the logout', async () => {
    const sessions = token.part(Sessions);
    const hold = sessions.hold.bind(sessions);
    sessions.hold = () => Promise.resolve(true);
    try {
      expect(await exchangeOfRacingCode()).toBe(200);
    } finally {
      sessions.hold = hold;
    }
  });
});
