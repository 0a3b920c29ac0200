import { clientWith, errorCode } from './domain-fixtures.spec-support.ts';
import type { Actor, PresentedAccessToken } from './presented-access-token.ts';
import { actorChain, requireProof } from './token-exchange.ts';

const ISSUER = 'https://issuer.example';
const tokenOf = (changes: Partial<PresentedAccessToken> = {}): PresentedAccessToken => ({
  subject: 'ada',
  clientId: 'demo',
  audience: ['https://orders.example'],
  scope: [],
  authorizationDetails: [],
  jti: 'a',
  expiresAt: new Date(0),
  confirmation: null,
  actor: null,
  mayAct: null,
  ...changes,
});
const actors = (count: number): Actor | null => {
  const inner = count > 1 ? actors(count - 1) : null;
  return count === 0 ? null : { sub: `actor-${count}`, ...(inner && { act: inner }) };
};

test('a chain of actors grows to five and no further', () => {
  const further = (count: number) => () => actorChain(tokenOf({ actor: actors(count) }), tokenOf(), ISSUER);
  expect(further(4)()).toEqual({ sub: 'ada', iss: ISSUER, act: actors(4) });
  expect(errorCode(further(5))).toBe('invalid_request');
});

test('a token that is bound to a certificate needs a proof too: its own where the caller holds it, any where it was sent', () => {
  const bound = tokenOf({ confirmation: { 'x5t#S256': 'own' } });
  const by = (id: string, proven: Parameters<typeof requireProof>[2]) =>
    errorCode(() => {
      requireProof(bound, clientWith({ id }), proven);
    });
  expect(by('demo', null)).toBe('invalid_request');
  expect(by('demo', { jkt: 'own' })).toBe('invalid_request');
  expect(by('demo', { 'x5t#S256': 'other' })).toBe('invalid_request');
  expect(by('demo', { 'x5t#S256': 'own' })).toBe('none');
  expect(by('orders', null)).toBe('invalid_request');
  expect(by('orders', { jkt: 'any' })).toBe('none');
});
