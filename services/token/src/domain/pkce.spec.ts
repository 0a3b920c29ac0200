import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { isS256Challenge, provesChallenge } from './pkce.ts';

const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const unreserved = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~');
const verifiers = fc.string({ unit: unreserved, minLength: 43, maxLength: 128 });
const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

test('the example of RFC 7636 appendix B holds', () => {
  expect(isS256Challenge(CHALLENGE)).toBe(true);
  expect(provesChallenge(VERIFIER, CHALLENGE)).toBe(true);
});

test('every verifier proves its own challenge and no other', () => {
  fc.assert(
    fc.property(verifiers, verifiers, (one, other) => {
      expect(isS256Challenge(challengeOf(one))).toBe(true);
      expect(provesChallenge(one, challengeOf(one))).toBe(true);
      expect(provesChallenge(other, challengeOf(one))).toBe(one === other);
    }),
  );
});

test('a verifier that is too short, too long or has other characters proves nothing, although its hash fits', () => {
  for (const verifier of ['a'.repeat(42), 'a'.repeat(129), `${'a'.repeat(50)} `, `${'a'.repeat(50)}ä`])
    expect(provesChallenge(verifier, challengeOf(verifier))).toBe(false);
});

test('the challenge itself is no verifier, as it would be under `plain`', () => {
  expect(provesChallenge(CHALLENGE, CHALLENGE)).toBe(false);
});
