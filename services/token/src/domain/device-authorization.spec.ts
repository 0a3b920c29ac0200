import { decidePoll, type DeviceAuthorization } from './device-authorization.ts';

const now = new Date('2026-01-01T00:00:00Z');
const secondsLater = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const approval = {
  accountId: 'a',
  accountVersion: 1,
  sessionId: 's',
  sessionEndsAt: secondsLater(3),
  authenticatedAt: now,
  acr: 'x',
  amr: ['pwd'],
};
const authorization = (changes: Partial<DeviceAuthorization> = {}): DeviceAuthorization => ({
  grantId: 'g',
  clientId: 'tv',
  userCode: 'WDJBMJHT',
  scope: [],
  resources: [],
  authorizationDetails: [],
  state: 'pending',
  approval: null,
  intervalS: 5,
  polledAt: null,
  expiresAt: secondsLater(600),
  ...changes,
});

test('questions at the interval are told to go on; each one too soon makes it five seconds longer', () => {
  expect(decidePoll(authorization(), now)).toEqual({ refusal: 'authorization_pending', intervalS: 5 });
  const asked = authorization({ polledAt: now });
  expect(decidePoll(asked, secondsLater(5))).toEqual({ refusal: 'authorization_pending', intervalS: 5 });
  expect(decidePoll(asked, secondsLater(4.8))).toEqual({ refusal: 'authorization_pending', intervalS: 5 });
  expect(decidePoll(asked, secondsLater(2))).toEqual({ refusal: 'slow_down', intervalS: 10 });
  expect(decidePoll({ ...asked, intervalS: 10 }, secondsLater(6))).toEqual({ refusal: 'slow_down', intervalS: 15 });
});

test('an approved device gets its tokens even where it asks too soon, and a used code nothing', () => {
  const approved = authorization({ state: 'approved', approval, polledAt: now });
  expect(decidePoll(approved, secondsLater(1))).toEqual({ refusal: null, approval });
  expect(decidePoll({ ...approved, state: 'used' }, secondsLater(1))).toMatchObject({ refusal: 'invalid_grant' });
});

test('a refused device and an expired code are told so, approved or not', () => {
  expect(decidePoll(authorization({ state: 'denied' }), now)).toMatchObject({ refusal: 'access_denied' });
  expect(decidePoll(authorization(), secondsLater(600))).toMatchObject({ refusal: 'expired_token' });
  const approved = authorization({ state: 'approved', approval });
  expect(decidePoll(approved, secondsLater(600))).toMatchObject({ refusal: 'expired_token' });
});

test('an approval ends with the session in which it was given, unless the grant outlives it', () => {
  const approved = authorization({ state: 'approved', approval });
  expect(decidePoll(approved, secondsLater(3))).toMatchObject({ refusal: 'expired_token' });
  const spared = { ...approved, approval: { ...approval, sessionEndsAt: null } };
  expect(decidePoll(spared, secondsLater(3))).toMatchObject({ refusal: null });
});
