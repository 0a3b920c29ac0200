import { jest } from '@jest/globals';
import type { Problem } from '@gatehouse/problem';
import { eventually } from '@gatehouse/testing';
import { IssuerMetadata, JwksKeySource } from './index.ts';
import { TestIssuer } from './testing/index.ts';

let issuer: TestIssuer;
beforeEach(async () => {
  issuer = await TestIssuer.start();
});
afterEach(() => issuer.close());

const source = (refetchFloorMs = 60_000) => new JwksKeySource(new IssuerMetadata(issuer.url), { refetchFloorMs });
const codeOf = (error: unknown) => (error as Problem).code;

test('the keys are there before the first token comes', async () => {
  const keys = source();
  await keys.refresh();
  expect(keys.loaded).toBe(true);
  await expect(keys.find(issuer.currentKey.kid)).resolves.toBeDefined();
  expect(issuer.requestsOf('/jwks')).toBe(1);
});

test('a source that starts before its issuer loads as soon as the issuer answers', async () => {
  issuer.down = true;
  const keys = new JwksKeySource(new IssuerMetadata(issuer.url), { retryEveryMs: 10 });
  keys.start();
  await eventually(() => expect(issuer.requestsOf('/.well-known/oauth-authorization-server')).toBeGreaterThan(1), {
    within: '5s',
  });
  expect(keys.loaded).toBe(false);
  issuer.down = false;
  await eventually(() => expect(keys.loaded).toBe(true), { within: '5s' });
  keys.stop();
});

test('a key that was rotated in is found without waiting for the next refresh', async () => {
  const keys = source(0);
  await keys.refresh();
  await issuer.rotate();
  await expect(keys.find(issuer.currentKey.kid)).resolves.toBeDefined();
});

test('a retired key is gone after the next refresh', async () => {
  const keys = source();
  await keys.refresh();
  const { kid } = issuer.currentKey;
  await issuer.rotate({ retireOld: true });
  await keys.refresh();
  await expect(keys.find(kid)).resolves.toBeUndefined();
});

test('a flood of invented kids causes one fetch within the floor; without the floor each causes one', async () => {
  const guarded = source();
  await guarded.refresh();
  for (let i = 0; i < 20; i++) await guarded.find(`invented-${i}`);
  expect(issuer.requestsOf('/jwks')).toBe(1);
  const unguarded = source(0);
  for (let i = 0; i < 20; i++) await unguarded.find(`invented-${i}`);
  expect(issuer.requestsOf('/jwks')).toBe(21);
});

test('fifty callers with unknown kids share one fetch', async () => {
  const keys = source(0);
  await Promise.all(Array.from({ length: 50 }, (_, i) => keys.find(`invented-${i}`)));
  expect(issuer.requestsOf('/jwks')).toBe(1);
});

test('known keys survive an outage of the issuer, and an unknown kid is then a 503, not a 401', async () => {
  const keys = source(0);
  await keys.refresh();
  issuer.down = true;
  await keys.refresh().catch(() => undefined);
  await expect(keys.find(issuer.currentKey.kid)).resolves.toBeDefined();
  await expect(keys.find('unknown').catch(codeOf)).resolves.toBe('dependency-unavailable');
});

test('an outage is remembered within the floor, so that callers do not wait for it one by one', async () => {
  issuer.down = true;
  const keys = source();
  await keys.refresh().catch(() => undefined);
  const before = issuer.requestsOf('/.well-known/oauth-authorization-server');
  await expect(keys.find('any').catch(codeOf)).resolves.toBe('dependency-unavailable');
  expect(issuer.requestsOf('/.well-known/oauth-authorization-server')).toBe(before);
});

test('metadata that names another issuer is not used', async () => {
  const keys = new JwksKeySource(new IssuerMetadata(issuer.url.replace('127.0.0.1', 'localhost')));
  await expect(keys.refresh().catch(codeOf)).resolves.toBe('dependency-unavailable');
  expect(issuer.requestsOf('/.well-known/oauth-authorization-server')).toBe(1);
});

test('a set without a usable key does not replace the keys in use', async () => {
  const keys = source();
  await keys.refresh();
  const { kid } = issuer.currentKey;
  jest.spyOn(issuer, 'jwks', 'get').mockReturnValue({ keys: [{ kty: 'RSA', kid: 'r', n: 'AQAB', e: 'AQAB' }] });
  await keys.refresh().catch(() => undefined);
  await expect(keys.find(kid)).resolves.toBeDefined();
});
