import { refusalOf, TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('issue-token');
}, 60_000);
afterAll(() => token.stop());

const post = (form: Record<string, string | string[]>) => token.postForm('/oauth/token', form, token.client('admin'));

describe('400', () => {
  // ASVS 10.4.4
  test.each([
    ['no grant type', {}, 'invalid_request'],
    ['an empty grant type, which counts as none', { grant_type: '' }, 'invalid_request'],
    ['the password grant, which OAuth 2.1 left out', { grant_type: 'password' }, 'unsupported_grant_type'],
    [
      'a grant that the client is not registered for',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      'unauthorized_client',
    ],
    ['a repeated parameter', { grant_type: ['client_credentials', 'client_credentials'] }, 'invalid_request'],
    [
      'a parameter that is far too long',
      { grant_type: 'client_credentials', scope: 'x'.repeat(3_000) },
      'invalid_request',
    ],
  ])('%s', async (_, form, error) => {
    const response = await post(form);
    expect(await refusalOf(response)).toEqual([400, error]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  });

  test('a code or a refresh token that is missing is named', async () => {
    for (const [grant_type, name] of [
      ['authorization_code', 'code'],
      ['refresh_token', 'refresh_token'],
    ]) {
      const response = await token.postForm('/oauth/token', { grant_type: grant_type ?? '' }, token.client('demo'));
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ error: 'invalid_request', error_description: `${name} is missing` });
    }
  });
});

test('405 and 415: other methods and JSON bodies are refused as such', async () => {
  expect((await token.get('/oauth/token')).status).toBe(405);
  expect((await token.postJson('/oauth/token', { grant_type: 'client_credentials' })).status).toBe(415);
});
