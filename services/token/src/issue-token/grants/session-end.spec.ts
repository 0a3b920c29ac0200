import { authorizationPath, locationOf, newPkce, TestBrowser, type Pkce } from '../../browser.spec-support.ts';
import { Grants } from '../../store/grants.ts';
import { refusalOf, TokenHarness, tokensOf, type Tokens } from '../../token.spec-support.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const APP = { id: 'app', secret: 'a'.repeat(43), redirectUri: 'https://app.example/callback' };
const OFFLINE = 'openid offline_access';
let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('session-end');
  const scopes = ['openid', 'offline_access'];
  const grant_types = ['authorization_code', 'refresh_token', DEVICE_GRANT];
  const { id, secret, redirectUri } = APP;
  await token.seed({ clients: [{ id, secret, redirect_uris: [redirectUri], grant_types, scopes }] });
}, 60_000);
afterAll(() => token.stop());

/** A person who is logged in, and what they allow clients in this session. */
class Visit {
  private readonly browser = new TestBrowser(token.issuer);
  private constructor(private readonly account: { id: string; email: string; password: string }) {}

  static async start(): Promise<Visit> {
    const visit = new Visit(await token.account());
    await visit.logIn();
    return visit;
  }

  async logIn(): Promise<void> {
    const page = await this.browser.openLogin(authorizationPath(APP, newPkce(), { scope: 'openid', prompt: 'login' }));
    await this.browser.submit(page, { email: this.account.email, password: this.account.password });
  }

  async code(scope: string): Promise<{ code: string; pkce: Pkce }> {
    const pkce = newPkce();
    const answer = locationOf(await this.browser.get(authorizationPath(APP, pkce, { scope })));
    return { code: answer.searchParams.get('code') ?? '', pkce };
  }

  async tokens(scope: string): Promise<Tokens> {
    return tokensOf(await exchange(await this.code(scope)));
  }

  /** The code of a device that this person has let in. */
  async device(scope: string): Promise<string> {
    const asked = await token.postForm('/oauth/device_authorization', { scope }, APP);
    const { device_code, user_code } = (await asked.json()) as { device_code: string; user_code: string };
    const page = await (await this.browser.get('/device')).text();
    const question = locationOf(await this.browser.submit(page, { user_code }));
    await this.browser.submit(await (await this.browser.get(question.href)).text(), { decision: 'allow' });
    return device_code;
  }

  /** As if the session had been started so long ago that it ends in this time. */
  async endsIn(seconds: number): Promise<void> {
    const ends = "UPDATE browser_session SET expires_at = now() + $2 * interval '1 second' WHERE account_id = $1";
    await token.sql(ends, [this.account.id, seconds]);
  }

  /** As if it had ended, and the sweep had been there. */
  async isForgotten(): Promise<void> {
    await token.sql('DELETE FROM browser_session WHERE account_id = $1', [this.account.id]);
  }
}

const exchange = ({ code, pkce }: { code: string; pkce: Pkce }) =>
  token.postForm(
    '/oauth/token',
    { grant_type: 'authorization_code', code, redirect_uri: APP.redirectUri, code_verifier: pkce.verifier },
    APP,
  );
const poll = (device_code: string) => token.postForm('/oauth/token', { grant_type: DEVICE_GRANT, device_code }, APP);
const refresh = (tokens: Tokens) => token.refresh(tokens.refresh_token, {}, APP);

/** Seconds until the end that introspection names; null where the token is not active. */
async function introspectedEnd(tokens: Tokens): Promise<number | null> {
  const response = await token.postForm('/oauth/introspect', { token: tokens.refresh_token }, APP);
  const { active, exp } = (await response.json()) as { active: boolean; exp: number };
  return active ? exp - Date.now() / 1_000 : null;
}

describe('a grant without offline_access', () => {
  test('gives no token that outlives the session: not at its start, not at a refresh, and introspection says so', async () => {
    const visit = await Visit.start();
    await visit.endsIn(100);
    const first = await visit.tokens('openid');
    const second = await tokensOf(await refresh(first));
    for (const { expires_in } of [first, second]) expect(expires_in).toBeLessThanOrEqual(100);
    expect(await introspectedEnd(second)).toBeLessThanOrEqual(100);
    expect(await introspectedEnd(second)).toBeGreaterThan(0);
  });

  /** What a refresh is answered after the end of the session. */
  async function refreshAfter(end: (visit: Visit) => Promise<void>): Promise<number> {
    const visit = await Visit.start();
    const tokens = await visit.tokens('openid');
    await end(visit);
    const { status } = await refresh(tokens);
    if (status !== 200) expect(await introspectedEnd(tokens)).toBeNull();
    return status;
  }

  test('ends when the session has expired, whether or not its row is still there', async () => {
    expect(await refreshAfter((visit) => visit.endsIn(0))).toBe(400);
    expect(await refreshAfter((visit) => visit.isForgotten())).toBe(400);
  });

  test('negative control: where the store does not look at the session, the grant goes on', async () => {
    const grants = token.part(Grants);
    const read = grants.readRefreshToken.bind(grants);
    const expiresAt = new Date(Date.now() + 1_000_000);
    grants.readRefreshToken = async (tx, hash) => {
      const found = await read(tx, hash);
      return { ...found, expiresAt, grant: { ...found.grant, expiresAt } };
    };
    try {
      expect(await refreshAfter((visit) => visit.endsIn(0))).toBe(200);
      expect(await refreshAfter((visit) => visit.isForgotten())).toBe(200);
    } finally {
      grants.readRefreshToken = read;
    }
  });

  test('goes on with the session where the person logs in again', async () => {
    const visit = await Visit.start();
    await visit.endsIn(100);
    const tokens = await visit.tokens('openid');
    await visit.logIn();
    expect(await introspectedEnd(tokens)).toBeGreaterThan(1_000);
    expect((await tokensOf(await refresh(tokens))).expires_in).toBe(600);
  });

  test('is not made from a code or a device code after the end of the session', async () => {
    const visit = await Visit.start();
    const [code, device] = [await visit.code('openid'), await visit.device('openid')];
    await visit.endsIn(0);
    expect(await refusalOf(await exchange(code))).toEqual([400, 'invalid_grant']);
    expect(await refusalOf(await poll(device))).toEqual([400, 'expired_token']);
  });

  test('of a device ends with the session in which the device was let in', async () => {
    const visit = await Visit.start();
    const device = await visit.device('openid');
    await visit.endsIn(100);
    const tokens = await tokensOf(await poll(device));
    expect(tokens.expires_in).toBeLessThanOrEqual(100);
    await visit.endsIn(0);
    expect(await refusalOf(await refresh(tokens))).toEqual([400, 'invalid_grant']);
  });
});

test('with offline_access a grant, of a device too, outlives the session, and can be made after it', async () => {
  const visit = await Visit.start();
  const tokens = await visit.tokens(OFFLINE);
  const [code, device] = [await visit.code(OFFLINE), await visit.device(OFFLINE)];
  await visit.isForgotten();
  const made = [await tokensOf(await exchange(code)), await tokensOf(await poll(device))];
  for (const one of [tokens, ...made]) expect((await tokensOf(await refresh(one))).expires_in).toBe(600);
});
