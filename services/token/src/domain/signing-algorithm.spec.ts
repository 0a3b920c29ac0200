import { createHash } from 'node:crypto';
import { signingAlgorithms } from '@gatehouse/contracts';
import { leftHalfHash } from './signing-algorithm.ts';

const TOKEN = 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y';

test.each(['ES256', 'RS256', 'PS256'] as const)('with %s the hash is that of OpenID Connect Core appendix A', (alg) => {
  expect(leftHalfHash(TOKEN, alg)).toBe('77QmUPtjPfzWtF2AnpK9RQ');
});

test('with EdDSA it is the left half of the SHA-512', () => {
  const digest = createHash('sha512').update(TOKEN).digest();
  expect(leftHalfHash(TOKEN, 'EdDSA')).toBe(digest.subarray(0, 32).toString('base64url'));
  expect(signingAlgorithms).toContain('EdDSA');
});
