import { decodeJwt } from 'jose';
import { uuidv7 } from '@gatehouse/database';
import { authorizationPath, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { CLIENT_SECRET, LogoutHarness, sidOf } from '../logout-clients.spec-support.ts';
import { PermissionAnswers } from '../permission-answers.spec-support.ts';
import { Sessions } from '../store/sessions.ts';
import { refusalOf } from '../token.spec-support.ts';

let logout: LogoutHarness;
let permissions: PermissionAnswers;
beforeAll(async () => {
  logout = await LogoutHarness.start('session-ender');
  permissions = await PermissionAnswers.start(logout.token.suite);
}, 60_000);
afterEach(() => logout.receiver.reset());
afterAll(async () => {
  await permissions?.stop();
  await logout.stop();
});

const ONE = { id: 'one', redirectUri: 'https://one.example/callback' };
const copyOf = (browser: TestBrowser) => {
  const copy = new TestBrowser(logout.token.issuer);
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
  return copy;
};
const ended = async (accountId: string) =>
  (await logout.token.events({ type: 'session.ended', key: accountId })).map(({ data }) => data?.['session_id']);
const toldSids = (path: string) => logout.receiver.at(path).map(({ token }) => decodeJwt(token)['sid']);
const everybodyIsTold = (sid: string) =>
  logout.becomes(sid, { client_id: 'one', state: 'delivered' }, { client_id: 'two', state: 'delivered' });

describe('the clients of a session are told when it ends', () => {
  test('by a logout that a client asks for', async () => {
    const { accountId, sid, logOut } = await logout.session('one', 'two');
    await logOut();
    await everybodyIsTold(sid);
    expect(await ended(accountId)).toEqual([sid]);
  });

  test('by the account itself, which ends everything: in each of its browsers', async () => {
    const { account, accountId, sid, tokens } = await logout.session('one', 'two');
    const elsewhere = await logout.logIn('two', new TestBrowser(logout.token.issuer), account);
    const as = tokens[0]?.access_token ?? '';
    expect((await logout.token.call('DELETE', '/api/v1/me/grants', { as })).status).toBe(204);
    await everybodyIsTold(sid);
    await logout.becomes(sidOf(elsewhere.id_token), { client_id: 'two', state: 'delivered' });
    expect((await ended(accountId)).sort()).toEqual([sid, sidOf(elsewhere.id_token)].sort());
  });

  test('by an administrator, who ends everything of the account: of no other one', async () => {
    const [one, other] = [await logout.session('one', 'two'), await logout.session('one')];
    const as = await logout.token.adminToken();
    const revokeAll = (id: string) => logout.token.call('DELETE', `/api/v1/accounts/${id}/grants`, { as });
    expect((await revokeAll(one.accountId)).status).toBe(204);
    await everybodyIsTold(one.sid);
    const refreshed = await logout.token.refresh(
      one.tokens[0]?.refresh_token ?? '',
      {},
      { ...ONE, secret: CLIENT_SECRET },
    );
    expect(await refusalOf(refreshed)).toEqual([400, 'invalid_grant']);
    expect(await logout.deliveries(other.sid)).toEqual([]);
    expect((await revokeAll(one.accountId)).status).toBe(204);
    expect(await logout.deliveries(one.sid)).toHaveLength(2);
    expect((await revokeAll(uuidv7())).status).toBe(404);
  });

  test('by another account that logs in in the same browser', async () => {
    const { accountId, browser, sid } = await logout.session('one', 'two');
    const other = await logout.token.account();
    const tokens = await logout.logIn('one', browser, other, { prompt: 'login' });
    expect(tokens.claims.sub).toBe(other.id);
    await everybodyIsTold(sid);
    expect(await ended(accountId)).toEqual([sid]);
    expect(await ended(other.id)).toEqual([]);
    expect(sidOf(tokens.id_token)).not.toBe(sid);
  });
});

describe('a login of the same account in the same browser', () => {
  test('goes on with the session: the sid stays, nothing is told, and the logout tells the clients of both logins', async () => {
    const { account, accountId, browser, sid, logOut } = await logout.session('one');
    const second = await logout.logIn('two', browser, account, { prompt: 'login' });
    expect(sidOf(second.id_token)).toBe(sid);
    expect(await logout.deliveries(sid)).toEqual([]);
    expect(await ended(accountId)).toEqual([]);
    await logOut();
    await everybodyIsTold(sid);
    expect([toldSids('/one'), toldSids('/two')]).toEqual([[sid], [sid]]);
  });

  /** What whoever has the cookie from before a login gets after it without one of its own. */
  async function answerToOldCookie(): Promise<string | null> {
    const { account, browser } = await logout.session('one');
    const thief = copyOf(browser);
    await logout.logIn('one', browser, account, { prompt: 'login' });
    const answer = await thief.get(authorizationPath(ONE, newPkce(), { scope: 'openid', prompt: 'none' }));
    return locationOf(answer).searchParams.get('error');
  }

  test('is worth nothing to whoever has the cookie from before it', async () => {
    expect(await answerToOldCookie()).toBe('login_required');
  });

  test('negative control: a login that leaves the session as it is, and starts another one, is caught', async () => {
    const sessions = logout.token.part(Sessions);
    const renew = sessions.renew.bind(sessions);
    sessions.renew = () => Promise.resolve(false);
    try {
      expect(await answerToOldCookie()).toBeNull();
    } finally {
      sessions.renew = renew;
    }
  });

  test('starts another session where the first one ends meanwhile: its clients were told already', async () => {
    const { account, browser, sid, logOut } = await logout.session('one');
    const sessions = logout.token.part(Sessions);
    const find = sessions.find.bind(sessions);
    let raced = false;
    const page = await browser.get(authorizationPath(ONE, newPkce(), { scope: 'openid', prompt: 'login' }));
    const form = await (await browser.get(page.headers.get('location') ?? '')).text();
    sessions.find = async (...question) => {
      const found = await find(...question);
      if (!raced) {
        raced = true;
        sessions.find = find;
        await logOut();
      }
      return found;
    };
    const { email, password } = account;
    const answer = await browser.submit(form, { email, password });
    expect(new URL(answer.headers.get('location') ?? '').searchParams.has('code')).toBe(true);
    await logout.becomes(sid, { client_id: 'one', state: 'delivered' });
    const sessionsOf = 'SELECT id FROM browser_session WHERE account_id = $1';
    const [session] = await logout.token.sql<{ id: string }>(sessionsOf, [account.id]);
    expect(session?.id).not.toBe(sid);
  });
});

test('a grant with offline_access goes on, its client is told all the same, and its access tokens carry no sid', async () => {
  const { sid, tokens, logOut } = await logout.session('one offline_access', 'two');
  const [offline] = tokens;
  expect(offline?.claims.sid).toBeUndefined();
  await logOut();
  await everybodyIsTold(sid);
  const client = { ...ONE, secret: CLIENT_SECRET };
  expect((await logout.token.refresh(offline?.refresh_token ?? '', {}, client)).status).toBe(200);
});
