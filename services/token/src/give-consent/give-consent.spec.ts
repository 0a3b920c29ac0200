import { authorizationPath, hiddenFields, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { TokenHarness } from '../token.spec-support.ts';

const CALLBACK = 'https://shop.example/callback';
let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('give-consent');
  const shop = {
    id: 'shop',
    secret: 's'.repeat(43),
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code'],
    scopes: ['openid', 'email', 'profile'],
    first_party: false,
  };
  await token.seed({ clients: [shop] });
}, 60_000);
afterAll(() => token.stop());

const path = (changes: Parameters<typeof authorizationPath>[2] = {}) =>
  authorizationPath({ id: 'shop', redirectUri: CALLBACK }, newPkce(), changes);

/** A new account, as far as the consent page for `shop`. */
async function askedForConsent(changes: Parameters<typeof authorizationPath>[2] = {}) {
  const account = await token.account();
  const browser = new TestBrowser(token.issuer);
  const next = await browser.submit(await browser.openLogin(path(changes)), {
    email: account.email,
    password: account.password,
  });
  const location = locationOf(next);
  expect(location.pathname).toBe('/consent');
  const page = await (await browser.get(location.href)).text();
  return { account, browser, page, location };
}

const given = async (accountId: string) =>
  (await token.events({ type: 'consent.given', key: accountId })).map(({ data }) => data);

// ASVS 10.7.1, 10.7.2
test('what is asked for stands on the page in words; allowing it gives a code and is remembered and audited once', async () => {
  const { account, browser, page } = await askedForConsent();
  expect(page).toContain('see your e-mail address');
  expect(page).not.toContain('<script');
  const answer = locationOf(await browser.submit(page, { decision: 'allow' }));
  expect(answer.origin + answer.pathname).toBe(CALLBACK);
  expect(answer.searchParams.get('code')).toMatch(/^gh_code_/);
  expect(await given(account.id)).toEqual([{ account_id: account.id, client_id: 'shop', scope: ['openid', 'email'] }]);

  expect(locationOf(await browser.get(path({ prompt: 'none' }))).searchParams.get('code')).toMatch(/^gh_code_/);
  const wider = locationOf(await browser.get(path({ prompt: 'none', scope: 'openid email profile' })));
  expect(wider.searchParams.get('error')).toBe('consent_required');
});

test('denying it sends access_denied to the client and remembers nothing', async () => {
  const { account, browser, page } = await askedForConsent();
  const answer = locationOf(await browser.submit(page, { decision: 'deny' }));
  expect(Object.fromEntries(answer.searchParams)).toMatchObject({ error: 'access_denied', state: 'state-1' });
  expect(await given(account.id)).toEqual([]);
  expect(locationOf(await browser.get(path())).pathname).toBe('/consent');
});

test('a decision counts once: a second press of the button finds nothing', async () => {
  const { browser, page } = await askedForConsent();
  await browser.submit(page, { decision: 'allow' });
  expect((await browser.submit(page, { decision: 'allow' })).status).toBe(410);
});

test('another site cannot press the button, and another browser cannot open the page', async () => {
  const { account, browser, page, location } = await askedForConsent();
  const forged = await browser.post('/consent', { ...hiddenFields(page), csrf_token: 'forged', decision: 'allow' });
  expect(forged.status).toBe(403);
  const stranger = new TestBrowser(token.issuer);
  expect((await stranger.get(location.href)).status).toBe(410);
  expect((await stranger.post('/consent', { ...hiddenFields(page), decision: 'allow' })).status).toBe(403);
  expect(await given(account.id)).toEqual([]);
});

test('the consent page is no way around the login that the request demands', async () => {
  const { account, browser, location } = await askedForConsent({ prompt: 'login' });
  await token.sql("UPDATE browser_session SET authenticated_at = now() - interval '1 day' WHERE account_id = $1", [
    account.id,
  ]);
  expect((await browser.get(location.href)).status).toBe(410);
});

test('a first-party client is never asked for', async () => {
  expect((await token.login()).access_token).toBeDefined();
});
