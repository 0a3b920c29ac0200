import { Secret } from '@gatehouse/config';
import type { Problem } from '@gatehouse/problem';
import { IssuerMetadata, ServiceToken } from './index.ts';
import { TestIssuer } from './testing/index.ts';

const resource = 'http://127.0.0.1:4002';
let issuer: TestIssuer;
let tokens: ServiceToken;
beforeEach(async () => {
  issuer = await TestIssuer.start();
  const client = { clientId: 'audit-log', clientSecret: new Secret('a secret: with % signs') };
  tokens = new ServiceToken(client, new IssuerMetadata(issuer.url));
});
afterEach(() => issuer.close());

test('fifty callers share one request, and later callers share its token', async () => {
  const all = await Promise.all(Array.from({ length: 50 }, () => tokens.for(resource)));
  expect(new Set(all).size).toBe(1);
  await expect(tokens.for(resource)).resolves.toBe(all[0]);
  expect(issuer.requestsOf('/oauth/token')).toBe(1);
});

test('each resource has a token of its own', async () => {
  const [one, other] = await Promise.all([tokens.for(resource), tokens.for('http://127.0.0.1:4003')]);
  expect(one).not.toBe(other);
});

test('a token near its expiry is replaced', async () => {
  issuer.expiresIn = 0;
  const first = await tokens.for(resource);
  await expect(tokens.for(resource)).resolves.not.toBe(first);
});

test('a token that the other service refused is requested anew', async () => {
  const first = await tokens.for(resource);
  tokens.discard(resource, first);
  const second = await tokens.for(resource);
  expect(second).not.toBe(first);
  tokens.discard(resource, first);
  await expect(tokens.for(resource)).resolves.toBe(second);
});

test('an issuer that is away is dependency-unavailable now and forgotten when it is back', async () => {
  issuer.down = true;
  await expect(tokens.for(resource).catch((error: Problem) => error.code)).resolves.toBe('dependency-unavailable');
  issuer.down = false;
  await expect(tokens.for(resource)).resolves.toBeDefined();
});
