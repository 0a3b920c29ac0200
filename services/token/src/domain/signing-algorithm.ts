import { hash } from 'node:crypto';
import type { SigningAlgorithm } from '@gatehouse/contracts';

/**
 * OIDC Core 3.1.3.6: the left half of the hash that belongs to the ID token's algorithm, in base64url. EdDSA names none;
 * with Ed25519 it is SHA-512, which Ed25519 uses itself.
 */
export function leftHalfHash(value: string, algorithm: SigningAlgorithm): string {
  const digest = hash(algorithm === 'EdDSA' ? 'sha512' : 'sha256', value, 'buffer');
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
