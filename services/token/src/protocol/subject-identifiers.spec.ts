import { KeySource, RevocationList, SubjectSource, TokenVerifier } from '@gatehouse/authn';
import { eventually } from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { authorizationPath, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { TokenSettings } from '../config.ts';
import { PermissionAnswers } from '../permission-answers.spec-support.ts';
import { TokenHarness, tokensOf, type Tokens } from '../token.spec-support.ts';
import { serverMetadata } from '../publish-metadata/server-metadata.ts';
import { Clients } from '../store/clients.ts';
import { GrantTokens } from './grant-tokens.ts';
import { SubjectIdentifiers } from './subject-identifiers.ts';

const SECRET = 'p'.repeat(43);
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
interface Party {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
}
const party = (id: string, host: string): Party => ({ id, secret: SECRET, redirectUri: `https://${host}/${id}` });
const SHOP = party('shop', 'shop.example');
const CART = party('cart', 'shop.example');
const NEWS = party('news', 'news.example');
let token: TokenHarness;
let permissions: PermissionAnswers;
beforeAll(async () => {
  token = await TokenHarness.start('subject-identifiers');
  permissions = await PermissionAnswers.start(token.suite);
  permissions.give('audit-log', 'token-exchange:authorization', 'token:impersonate');
  const pairwise = [SHOP, CART, NEWS].map(({ id, redirectUri }) => ({
    id,
    secret: SECRET,
    redirect_uris: [redirectUri],
    subject_type: 'pairwise',
    grant_types: ['authorization_code', 'refresh_token'],
    scopes: ['openid', 'email'],
  }));
  const audit = {
    id: 'audit-log',
    secret: token.client('audit-log').secret,
    grant_types: ['client_credentials', EXCHANGE],
  };
  await token.seed({ clients: [...pairwise, audit] });
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
});

interface LoggedIn extends Tokens {
  readonly browser: TestBrowser;
  readonly accountId: string;
  /** What the client calls the account. */
  readonly sub: string | undefined;
}
type Account = Awaited<ReturnType<TokenHarness['account']>>;

async function logIn(of: Party, account?: Account, changes: Record<string, string> = {}): Promise<LoggedIn> {
  const { id: accountId, email, password } = account ?? (await token.account());
  const browser = new TestBrowser(token.issuer);
  const pkce = newPkce();
  const page = await browser.openLogin(authorizationPath(of, pkce, changes));
  const code = locationOf(await browser.submit(page, { email, password })).searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, redirect_uri: of.redirectUri, code_verifier: pkce.verifier };
  const tokens = await tokensOf(await token.postForm('/oauth/token', form, of));
  return { ...tokens, browser, accountId, sub: decodeJwt(tokens.id_token).sub };
}

const bearer = (accessToken: string) => ({ authorization: `Bearer ${accessToken}` });
const json = async (response: Response) => (await response.json()) as Record<string, unknown>;
const introspect = async (one: string, caller: { id: string; secret: string }) =>
  json(await token.postForm('/oauth/introspect', { token: one }, caller));

describe('what a client with pairwise subjects calls an account', () => {
  test('is the same in the ID token, at userinfo, in the access token, at introspection and after a refresh', async () => {
    const { access_token, refresh_token, claims, sub, accountId } = await logIn(SHOP);
    expect(sub).toMatch(/^[\w-]{59}$/);
    expect(sub).not.toContain(accountId);
    expect([claims.sub, claims['subject_type']]).toEqual([sub, 'pairwise']);
    expect(await json(await token.get('/oauth/userinfo', bearer(access_token)))).toMatchObject({ sub });
    expect(await introspect(access_token, SHOP)).toMatchObject({ active: true, sub });
    expect(await introspect(refresh_token, SHOP)).toMatchObject({ active: true, sub });
    const refreshed = await tokensOf(await token.refresh(refresh_token, {}, SHOP));
    expect([refreshed.claims.sub, decodeJwt(refreshed.id_token).sub]).toEqual([sub, sub]);
  });

  test('is shared by the clients of its sector and by no other; public clients say the id', async () => {
    const account = await token.account();
    const [shop, cart, news] = [await logIn(SHOP, account), await logIn(CART, account), await logIn(NEWS, account)];
    expect(cart.sub).toBe(shop.sub);
    expect(news.sub).not.toBe(shop.sub);
    expect((await logIn(SHOP)).sub).not.toBe(shop.sub);
    const demo = await tokensOf(await token.exchange(await token.code(account)));
    expect([demo.claims.sub, demo.claims['subject_type']]).toEqual([account.id, undefined]);
  });

  /** Everything that the client is ever told, tokens decoded. */
  async function everything(): Promise<{ text: string; accountId: string }> {
    const { access_token, refresh_token, id_token, accountId } = await logIn(SHOP);
    const answers = [
      decodeJwt(access_token),
      decodeJwt(id_token),
      await json(await token.get('/oauth/userinfo', bearer(access_token))),
      await introspect(access_token, SHOP),
      await introspect(refresh_token, SHOP),
      await json(await token.me(access_token)),
    ];
    return { text: JSON.stringify(answers), accountId };
  }

  test('is all that it learns: the id is in nothing that it is told', async () => {
    const { text, accountId } = await everything();
    expect(text).not.toContain(accountId);
  });

  test('negative control: where the access token keeps the id, the client finds it there', async () => {
    const tokens = token.part(GrantTokens);
    const plan = tokens.plan.bind(tokens);
    tokens.plan = (...of) => {
      const { about, ...planned } = plan(...of);
      const { pairwiseSubject: _, ...plain } = about;
      return { ...planned, about: plain };
    };
    try {
      const { text, accountId } = await everything();
      expect(text).toContain(accountId);
    } finally {
      tokens.plan = plan;
    }
  });

  test('/api/v1/me tells it nothing', async () => {
    const { access_token } = await logIn(SHOP);
    const answer = await token.me(access_token);
    expect([answer.status, (await json(answer))['code']]).toEqual([403, 'permission-denied']);
  });
});

test('openid-client, certified, finds one subject in the ID token, at userinfo and at introspection', async () => {
  const authentication = openid.ClientSecretBasic(SECRET);
  const execute = [openid.allowInsecureRequests];
  const configuration = await openid.discovery(new URL(token.issuer), SHOP.id, SECRET, authentication, { execute });
  const { id, email, password } = await token.account();
  const verifier = openid.randomPKCECodeVerifier();
  const url = openid.buildAuthorizationUrl(configuration, {
    redirect_uri: SHOP.redirectUri,
    scope: 'openid email',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const browser = new TestBrowser(token.issuer);
  const callback = locationOf(await browser.submit(await browser.openLogin(url.href), { email, password }));
  const tokens = await openid.authorizationCodeGrant(configuration, callback, { pkceCodeVerifier: verifier });
  const sub = tokens.claims()?.sub ?? '';
  expect(sub).not.toBe(id);
  expect(await openid.fetchUserInfo(configuration, tokens.access_token, sub)).toMatchObject({ sub, email });
  expect(await openid.tokenIntrospection(configuration, tokens.access_token)).toMatchObject({ active: true, sub });
});

describe('a resource', () => {
  test('learns the account by introspection, and nothing else does', async () => {
    const resource = token.suite.url('audit-log');
    const { access_token, accountId, sub } = await logIn(SHOP, undefined, { resource });
    expect(decodeJwt(access_token).aud).toBe(resource);
    expect(await introspect(access_token, token.client('audit-log'))).toMatchObject({ active: true, sub: accountId });
    expect(await introspect(access_token, SHOP)).toMatchObject({ active: true, sub });
    expect(await introspect(access_token, token.client('authorization'))).toEqual({ active: false });
    expect(await introspect(access_token, NEWS)).toEqual({ active: false });
  });

  test('exchanges such a token for the account that it is about', async () => {
    const { access_token, accountId } = await logIn(SHOP, undefined, { resource: token.suite.url('audit-log') });
    const form = {
      grant_type: EXCHANGE,
      subject_token: access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      resource: token.suite.url('authorization'),
    };
    const { claims } = await tokensOf(await token.postForm('/oauth/token', form, token.client('audit-log')));
    expect([claims.sub, claims['subject_type']]).toEqual([accountId, undefined]);
  });
});

describe('our own endpoints act on the account', () => {
  test('which is the actor of what the token does, and whose tokens "revoke all" ends', async () => {
    const account = await token.account();
    const { access_token } = await logIn(SHOP, account);
    const ended = await token.call('DELETE', '/api/v1/me/grants', { as: access_token });
    expect(ended.status).toBeLessThan(300);
    const [revoked] = (await token.events({ type: 'token.revoked' })).filter(({ data }) => data?.['id'] === account.id);
    expect(revoked?.headers).toMatchObject({ ce_actorkind: 'account', ce_actorid: account.id });
    await eventually(async () => expect((await token.get('/oauth/userinfo', bearer(access_token))).status).toBe(401), {
      within: '5s',
    });
    expect(await introspect(access_token, SHOP)).toEqual({ active: false });
  });

  test('negative control: a guard that takes the sub for the account does not hear of the revocation', async () => {
    class AsItStands extends SubjectSource {
      accountOf(_token: string, subject: string) {
        return Promise.resolve(subject);
      }
    }
    const { access_token } = await logIn(SHOP);
    await token.call('DELETE', '/api/v1/me/grants', { as: access_token });
    const revocations = token.part(RevocationList);
    const expected = { issuer: token.issuer, audience: token.issuer };
    const guard = (subjects: SubjectSource) =>
      new TokenVerifier(expected, token.part(KeySource), revocations, subjects);
    await eventually(() => expect(guard(token.part(SubjectIdentifiers)).verify(access_token)).rejects.toThrow(), {
      within: '5s',
    });
    await expect(guard(new AsItStands()).verify(access_token)).resolves.toBeDefined();
  });
});

describe('an ID token that comes back as a hint', () => {
  test('names the account: the one that is logged in answers without a question, another one does not', async () => {
    const { browser, id_token } = await logIn(SHOP);
    const other = await logIn(SHOP);
    const silent = (id_token_hint: string) =>
      browser.get(authorizationPath(SHOP, newPkce(), { prompt: 'none', id_token_hint }));
    expect(locationOf(await silent(id_token)).searchParams.get('code')).toMatch(/^gh_code_/);
    expect(locationOf(await silent(other.id_token)).searchParams.get('error')).toBe('login_required');
  });

  test('logs its account out at once', async () => {
    const { browser, id_token } = await logIn(SHOP);
    const query = new URLSearchParams({ id_token_hint: id_token }).toString();
    const page = await (await browser.get(`/oauth/logout?${query}`)).text();
    expect(page).not.toContain('<form');
    const silent = authorizationPath(SHOP, newPkce(), { prompt: 'none' });
    expect(locationOf(await browser.get(silent)).searchParams.get('error')).toBe('login_required');
  });
});

test('without a key there are public subjects only: discovery says so, and a pairwise client gets nothing', async () => {
  const settings = token.part(TokenSettings);
  const keyless = new SubjectIdentifiers(
    Object.assign(Object.create(settings) as TokenSettings, { pairwiseKeys: null }),
  );
  const shop = await token.part(Clients).find('shop');
  expect(() => keyless.of('01a20b0b-e519-7264-9949-2228eb317b16', shop!)).toThrow('PAIRWISE_SUBJECT_KEY');
  expect(
    serverMetadata(Object.assign(Object.create(settings) as TokenSettings, { subjectTypes: ['public'] }), []),
  ).toMatchObject({ subject_types_supported: ['public'] });
  const discovery = await json(await token.get('/.well-known/openid-configuration'));
  expect(discovery['subject_types_supported']).toEqual(['public', 'pairwise']);
});
