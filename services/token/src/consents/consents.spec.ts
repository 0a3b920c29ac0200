import { eventually } from '@gatehouse/testing';
import { authorizationPath, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { refusalOf, TokenHarness, tokensOf, type Tokens } from '../token.spec-support.ts';

const CALLBACK = 'https://shop.example/callback';
const shop = { id: 'shop', secret: 's'.repeat(43), redirectUri: CALLBACK };
let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('consents');
  await token.seed({
    clients: [
      {
        id: shop.id,
        secret: shop.secret,
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token'],
        scopes: ['openid', 'email'],
        first_party: false,
      },
    ],
  });
}, 60_000);
afterAll(() => token.stop());

interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

/** A code for `shop` that the person has just consented to. */
async function allow(person: Person) {
  const browser = new TestBrowser(token.issuer);
  const pkce = newPkce();
  const login = await browser.openLogin(authorizationPath(shop, pkce));
  const next = locationOf(await browser.submit(login, { email: person.email, password: person.password }));
  const answer =
    next.pathname === '/consent'
      ? locationOf(await browser.submit(await (await browser.get(next.href)).text(), { decision: 'allow' }))
      : next;
  return { code: answer.searchParams.get('code') ?? '', pkce };
}

async function exchange({ code, pkce }: Awaited<ReturnType<typeof allow>>): Promise<Response> {
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: pkce.verifier };
  return token.postForm('/oauth/token', form, shop);
}

/** A person who has allowed `shop` what it asked for, with the tokens of both clients. */
async function customer(): Promise<{ person: Person; own: Tokens; shops: Tokens }> {
  const person = await token.account();
  const own = await tokensOf(await token.exchange(await token.code(person)));
  return { person, own, shops: await tokensOf(await exchange(await allow(person))) };
}

const consents = (as: string) => token.call('GET', '/api/v1/me/consents', { as });
const revoke = (as: string, client = 'shop') => token.call('DELETE', `/api/v1/me/consents/${client}`, { as });

test('a person sees what was allowed to whom, and nothing of others', async () => {
  const { own } = await customer();
  const stranger = await token.login();
  expect(await (await consents(own.access_token)).json()).toEqual({
    items: [
      { client_id: 'shop', client_name: null, scope: ['openid', 'email'], given_at: expect.any(String) as string },
    ],
    next_cursor: null,
  });
  expect(await (await consents(stranger.access_token)).json()).toEqual({ items: [], next_cursor: null });
  expect((await revoke(stranger.access_token)).status).toBe(404);
});

// ASVS 10.4.9, 10.7.3
test('taking it back ends what the client holds: tokens, and codes that it has not exchanged; others stay', async () => {
  const { person, own, shops } = await customer();
  const waiting = await allow(person);
  expect((await revoke(own.access_token)).status).toBe(204);

  expect(await refusalOf(await token.refresh(shops.refresh_token, {}, shop))).toEqual([400, 'invalid_grant']);
  expect(await refusalOf(await exchange(waiting))).toEqual([400, 'invalid_grant']);
  await eventually(async () => expect((await token.me(shops.access_token)).status).toBe(401), { within: '5s' });
  expect((await token.me(own.access_token)).status).toBe(200);
  const [event] = await token.events({ type: 'consent.revoked', key: person.id });
  expect(event?.data).toEqual({ account_id: person.id, client_id: 'shop' });
  expect((await revoke(own.access_token)).status).toBe(404);

  const browser = new TestBrowser(token.issuer);
  const login = await browser.openLogin(authorizationPath(shop, newPkce()));
  const next = locationOf(await browser.submit(login, { email: person.email, password: person.password }));
  expect(next.pathname).toBe('/consent');
});

test('a code that is exchanged at the same moment leaves no token behind', async () => {
  const { person, own } = await customer();
  const waiting = await allow(person);
  const [exchanged, revoked] = await Promise.all([exchange(waiting), revoke(own.access_token)]);
  expect(revoked.status).toBe(204);
  if (exchanged.status !== 200) return expect(await refusalOf(exchanged)).toEqual([400, 'invalid_grant']);
  const { refresh_token } = await tokensOf(exchanged);
  expect(await refusalOf(await token.refresh(refresh_token, {}, shop))).toEqual([400, 'invalid_grant']);
});

test("401 and 403: a client of others neither sees nor changes a person's consents", async () => {
  const { own, shops } = await customer();
  expect((await token.call('GET', '/api/v1/me/consents')).status).toBe(401);
  expect((await consents(shops.access_token)).status).toBe(403);
  expect((await revoke(shops.access_token)).status).toBe(403);
  expect(await (await consents(own.access_token)).json()).toMatchObject({ items: [{ client_id: 'shop' }] });
});

describe('a login of more than an hour ago', () => {
  /** The tokens of somebody who logged in then, and has refreshed them since. */
  const refreshedSince = async ({ own }: { own: Tokens }) => {
    await token.sql("UPDATE token_grant SET authenticated_at = now() - interval '61 minutes' WHERE id = $1", [
      own.claims.grant_id,
    ]);
    return tokensOf(await token.refresh(own.refresh_token));
  };

  test('is not enough to take something back: the challenge says what is (RFC 9470)', async () => {
    const asked = await customer();
    const late = await refreshedSince(asked);
    const refused = await revoke(late.access_token);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="insufficient_user_authentication", error_description="A more recent login is required.", ' +
        `max_age="3600", resource_metadata="${token.issuer}/.well-known/oauth-protected-resource"`,
    ]);
    expect(await (await consents(late.access_token)).json()).toMatchObject({ items: [{ client_id: 'shop' }] });
    const again = await tokensOf(await token.exchange(await token.code(asked.person, { max_age: '3600' })));
    expect((await revoke(again.access_token)).status).toBe(204);
  });

  test('negative control: it is the time in the token that decides, so one that says a false time passes', async () => {
    const { own, person } = await customer();
    const client = await token.adminToken();
    expect((await revoke(client)).status).toBe(401);
    expect(own.claims['auth_time']).toBeGreaterThan(Date.now() / 1_000 - 60);
    const late = await refreshedSince({ own });
    expect(late.claims['auth_time']).toBeLessThan(Date.now() / 1_000 - 3_600);
    await token.sql('UPDATE token_grant SET authenticated_at = now() WHERE account_id = $1', [person.id]);
    const lied = await tokensOf(await token.refresh(late.refresh_token));
    expect((await revoke(lied.access_token)).status).toBe(204);
  });
});
