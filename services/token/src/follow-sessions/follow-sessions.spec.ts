import { jest } from '@jest/globals';
import type { RunningService } from '@gatehouse/http';
import { metrics } from '@gatehouse/telemetry';
import { eventually } from '@gatehouse/testing';
import { authorizationPath, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { LogoutHarness } from '../logout-clients.spec-support.ts';
import { Sessions } from '../store/sessions.ts';

let logout: LogoutHarness;
let other: RunningService;
let sessions: Sessions;
beforeAll(async () => {
  logout = await LogoutHarness.start('follow-sessions');
  other = await logout.token.another();
  sessions = other.app.get<Sessions>(Sessions, { strict: false });
}, 90_000);
afterEach(() => void jest.restoreAllMocks());
afterAll(async () => {
  await other?.close();
  await logout.stop();
});

/** A person who is logged in, and whose session the other instance has just read. */
async function rememberedElsewhere() {
  const person = await logout.session('one');
  const elsewhere = new TestBrowser(other.url);
  for (const [name, value] of person.browser.cookies) elsewhere.cookies.set(name, value);
  const reads = jest.spyOn(sessions, 'find');
  expect(await answerTo(elsewhere)).toEqual({ code: true, error: null });
  const cookieHash = reads.mock.calls[0]?.[0] ?? Buffer.alloc(0);
  reads.mockRestore();
  return { ...person, elsewhere, isRemembered: () => sessions.remembered(cookieHash, new Date()) !== undefined };
}

/** What the client gets that asks without a page. */
async function answerTo(browser: TestBrowser): Promise<{ code: boolean; error: string | null }> {
  const client = { id: 'one', redirectUri: 'https://one.example/callback' };
  const path = authorizationPath(client, newPkce(), { scope: 'openid', prompt: 'none' });
  const { searchParams } = locationOf(await browser.get(path));
  return { code: searchParams.has('code'), error: searchParams.get('error') };
}

const REFUSED = { code: false, error: 'login_required' };

test('an instance forgets within a second a session that another one has ended, or given another cookie', async () => {
  const [ended, renewed] = [await rememberedElsewhere(), await rememberedElsewhere()];
  expect([ended.isRemembered(), renewed.isRemembered()]).toEqual([true, true]);
  await ended.logOut();
  await eventually(() => !ended.isRemembered(), { within: '1s' });
  await logout.logIn('one', renewed.browser, renewed.account, { prompt: 'login' });
  await eventually(() => !renewed.isRemembered(), { within: '1s' });
});

test('one that hears of nothing goes on remembering an ended session, and gives no code for it all the same', async () => {
  const { elsewhere, isRemembered, logOut, sid } = await rememberedElsewhere();
  const forget = jest.spyOn(sessions, 'forget').mockImplementation(() => undefined);
  await logOut();
  await eventually(() => expect(forget).toHaveBeenCalledWith(sid), { within: '10s' });
  expect(isRemembered()).toBe(true);
  expect(await answerTo(elsewhere)).toEqual(REFUSED);
});

test('negative control: where the row is not held, the remembered session gives a code after its end', async () => {
  const { elsewhere, logOut, sid } = await rememberedElsewhere();
  const forget = jest.spyOn(sessions, 'forget').mockImplementation(() => undefined);
  await logOut();
  await eventually(() => expect(forget).toHaveBeenCalledWith(sid), { within: '10s' });
  jest.spyOn(sessions, 'hold').mockResolvedValue(true);
  expect(await answerTo(elsewhere)).toEqual({ code: true, error: null });
});

test('the cookie from before a login gives no code in an instance that still remembers it', async () => {
  const { account, browser, elsewhere, isRemembered } = await rememberedElsewhere();
  jest.spyOn(sessions, 'forget').mockImplementation(() => undefined);
  await logout.logIn('one', browser, account, { prompt: 'login' });
  expect(isRemembered()).toBe(true);
  expect(await answerTo(elsewhere)).toEqual(REFUSED);
});

test('everything of an account that is ended at once is forgotten and gives nothing', async () => {
  const { elsewhere, isRemembered, tokens } = await rememberedElsewhere();
  const as = tokens[0]?.access_token ?? '';
  expect((await logout.token.call('DELETE', '/api/v1/me/grants', { as })).status).toBe(204);
  expect(await answerTo(elsewhere)).toEqual(REFUSED);
  await eventually(() => !isRemembered(), { within: '1s' });
});

test('what was read before a change is not kept after it', async () => {
  const { isRemembered, elsewhere, sid } = await rememberedElsewhere();
  sessions.forget(sid);
  const find = sessions.find.bind(sessions);
  jest.spyOn(sessions, 'find').mockImplementation((...question) => {
    const reading = find(...question);
    sessions.forget(sid);
    return reading;
  });
  expect(await answerTo(elsewhere)).toEqual({ code: true, error: null });
  expect(isRemembered()).toBe(false);
});

test('how often a session was remembered is a metric, and a request that finds it asks the database for no session', async () => {
  const { elsewhere } = await rememberedElsewhere();
  const find = jest.spyOn(sessions, 'find');
  const before = await hits();
  for (const _ of [1, 2, 3]) expect((await answerTo(elsewhere)).code).toBe(true);
  expect([(await hits()) - before, find.mock.calls.length]).toEqual([3, 0]);
});

async function hits(): Promise<number> {
  const { values } = (await metrics.getSingleMetric('session_cache_requests_total')?.get()) ?? { values: [] };
  return values.find(({ labels }) => labels['outcome'] === 'hit')?.value ?? 0;
}
