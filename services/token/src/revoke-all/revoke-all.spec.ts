import { jest } from '@jest/globals';
import { RevocationList } from '@gatehouse/authn';
import { eventually } from '@gatehouse/testing';
import { Clock } from '../clock.ts';
import { Grants } from '../store/grants.ts';
import { refusalOf, TokenHarness, tokensOf, type Tokens } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('revoke-all');
}, 60_000);
afterAll(() => token.stop());
afterEach(() => jest.restoreAllMocks());

const revokeAll = (accessToken: string) =>
  fetch(`${token.issuer}/api/v1/me/grants`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${accessToken}` },
  });

/** A refresh that found its grant valid before everything was revoked, and whose token was made 2 s after. */
async function refreshAcrossRevokeAll({ refresh_token, access_token }: Tokens): Promise<Tokens> {
  const grants = token.part(Grants);
  const read = grants.readRefreshToken.bind(grants);
  const [validated, revoked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const spy = jest.spyOn(grants, 'readRefreshToken').mockImplementation(async (tx, hash) => {
    const found = await read(tx, hash);
    validated.resolve();
    await revoked.promise;
    return found;
  });
  const refresh = token.refresh(refresh_token);
  await validated.promise;
  spy.mockRestore();
  expect((await revokeAll(access_token)).status).toBe(204);
  const later = jest.spyOn(token.part(Clock), 'now').mockReturnValue(new Date(Date.now() + 2_000));
  revoked.resolve();
  const tokens = await tokensOf(await refresh);
  later.mockRestore();
  return tokens;
}

describe('204', () => {
  test('every grant, token and login of the account ends, of other accounts none', async () => {
    const account = await token.account();
    const login = async () => tokensOf(await token.exchange(await token.code(account)));
    const [first, second, other] = [await login(), await login(), await token.login()];
    expect((await revokeAll(first.access_token)).status).toBe(204);
    for (const { access_token, refresh_token } of [first, second]) {
      expect(await refusalOf(await token.refresh(refresh_token))).toEqual([400, 'invalid_grant']);
      await eventually(async () => expect((await token.me(access_token)).status).toBe(401), { within: '5s' });
    }
    expect((await token.me(other.access_token)).status).toBe(200);
    expect((await token.refresh(other.refresh_token)).status).toBe(200);
    expect(await token.events({ key: `subject:${account.id}` })).toMatchObject([
      { type: 'token.revoked', data: { scope: 'subject', id: account.id, version: 1, account_id: account.id } },
    ]);
    const sessions = 'SELECT FROM browser_session s JOIN account a ON a.id = s.account_id AND a.version = s.account_version WHERE a.id = $1'; // prettier-ignore
    expect(await token.sql(sessions, [account.id])).toEqual([]);
  });

  test('a new login is good, and revoking again ends it too', async () => {
    const account = await token.account();
    const login = async () => tokensOf(await token.exchange(await token.code(account)));
    const before = await login();
    await revokeAll(before.access_token);
    const after = await login();
    expect((await token.me(after.access_token)).status).toBe(200);
    expect(after.claims['sub_ver']).toBe(1);
    await revokeAll(after.access_token);
    await eventually(async () => expect((await token.me(after.access_token)).status).toBe(401), { within: '5s' });
  });

  test('a code that was given before gives nothing', async () => {
    const account = await token.account();
    const { access_token } = await tokensOf(await token.exchange(await token.code(account)));
    const code = await token.code(account);
    await revokeAll(access_token);
    expect(await refusalOf(await token.exchange(code))).toEqual([400, 'invalid_grant']);
  });

  test('a refresh that was allowed before, and whose token was made after, gives nothing that lasts', async () => {
    const late = await refreshAcrossRevokeAll(await token.login());
    await eventually(async () => expect((await token.me(late.access_token)).status).toBe(401), { within: '5s' });
    expect(await refusalOf(await token.refresh(late.refresh_token))).toEqual([400, 'invalid_grant']);
  });

  test('negative control: by a comparison of clocks instead of versions that refresh slips through', async () => {
    const list = token.part(RevocationList);
    const add = list.add.bind(list);
    const byTheClock = jest.spyOn(list, 'add').mockImplementation((given) => add({ ...given, version: undefined }));
    const before = await token.login();
    const late = await refreshAcrossRevokeAll(before);
    await eventually(async () => expect((await token.me(before.access_token)).status).toBe(401), { within: '5s' });
    expect(byTheClock).toHaveBeenCalled();
    expect((await token.me(late.access_token)).status).toBe(200);
  });
});

test('403 and 401: a client has no account, and nobody is asked without a token', async () => {
  const client = await tokensOf(
    await token.postForm('/oauth/token', { grant_type: 'client_credentials' }, token.client('admin')),
  );
  expect((await revokeAll(client.access_token)).status).toBe(403);
  expect((await fetch(`${token.issuer}/api/v1/me/grants`, { method: 'DELETE' })).status).toBe(401);
});
