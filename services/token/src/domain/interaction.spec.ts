import fc from 'fast-check';
import type { AuthorizationRequest, Prompt } from './authorization-request.ts';
import { errorCode } from './domain-fixtures.spec-support.ts';
import { decideInteraction, type Progress } from './interaction.ts';

const now = new Date('2026-01-01T00:10:00Z');
const earlier = new Date('2026-01-01T00:00:00Z');
const request: AuthorizationRequest = {
  clientId: 'demo',
  redirectUri: 'https://app.example/callback',
  state: null,
  responseMode: 'query',
  scope: ['openid', 'email'],
  resources: [],
  nonce: null,
  codeChallenge: null,
  prompt: [],
  maxAgeS: null,
  loginHint: null,
  hintedAccountId: null,
  claims: null,
  authorizationDetails: [],
  dpopJkt: null,
};
const loggedIn: Progress = {
  login: { accountId: 'ada', authenticatedAt: earlier },
  requestedAt: now,
  consentedScope: null,
  now,
};

test.each([
  ['nobody is logged in', {}, { login: null }, 'login'],
  ['the login is there and no consent is needed', {}, {}, 'answer'],
  ['a fresh login is demanded', { prompt: ['login'] as Prompt[] }, {}, 'login'],
  ['that fresh login was made for this request', { prompt: ['login'] as Prompt[] }, { requestedAt: earlier }, 'answer'],
  ['the login is older than max_age', { maxAgeS: 599 }, {}, 'login'],
  ['the login is as old as max_age', { maxAgeS: 600 }, {}, 'answer'],
  ['max_age is 0 and the login was made for this request', { maxAgeS: 0 }, { requestedAt: earlier }, 'answer'],
  ['another account is expected', { hintedAccountId: 'grace' }, {}, 'login'],
  [
    'another account is expected than the one that has just logged in',
    { hintedAccountId: 'grace' },
    { requestedAt: earlier },
    'login',
  ],
  ['the account has allowed nothing yet', {}, { consentedScope: [] }, 'consent'],
  [
    'what is asked for in detail was never allowed before',
    { authorizationDetails: [{ type: 'payment' }] },
    { consentedScope: ['openid', 'email'] },
    'consent',
  ],
  ['a first party asks in detail', { authorizationDetails: [{ type: 'payment' }] }, {}, 'answer'],
  ['the account has allowed less', {}, { consentedScope: ['openid'] }, 'consent'],
  ['the account has allowed that much', {}, { consentedScope: ['email', 'openid', 'profile'] }, 'answer'],
  ['consent is demanded', { prompt: ['consent'] as Prompt[] }, {}, 'consent'],
])('where %s', (_, asked, progress, interaction) => {
  expect(decideInteraction({ ...request, ...asked }, { ...loggedIn, ...progress })).toBe(interaction);
});

test('prompt=none never asks: what would have been asked comes back as the error', () => {
  const prompts = fc.subarray<Prompt>(['login', 'consent', 'select_account']);
  const progresses = fc.record({
    login: fc.constantFrom(null, loggedIn.login),
    requestedAt: fc.constantFrom(earlier, now),
    consentedScope: fc.constantFrom(null, [], ['openid', 'email']),
    now: fc.constant(now),
  });
  fc.assert(
    fc.property(prompts, progresses, (prompt, progress) => {
      const asked = decideInteraction({ ...request, prompt }, progress);
      const error = errorCode(() => decideInteraction({ ...request, prompt: [...prompt, 'none'] }, progress));
      expect(error).toBe({ login: 'login_required', consent: 'consent_required', answer: 'none' }[asked]);
    }),
  );
});

test('an essential acr that no login here reaches is refused, whoever is logged in; a wished one is not', () => {
  const acr = (essential: boolean) => ({ id_token: { acr: { essential, values: ['urn:example:retina'] } } });
  expect(errorCode(() => decideInteraction({ ...request, claims: acr(true) }, loggedIn))).toBe(
    'unmet_authentication_requirements',
  );
  expect(decideInteraction({ ...request, claims: acr(false) }, loggedIn)).toBe('answer');
});
