import { createPublicKey } from 'node:crypto';
import type { ClientMetadata } from '@gatehouse/contracts';

type PublicKey = NonNullable<ClientMetadata['jwks']>['keys'][number];

/** RFC 7518 6.2.2, 6.3.2, 6.4 and RFC 8037 2: what only the owner of a key may have. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const CURVES = ['P-256', 'P-384', 'P-521', 'Ed25519', 'X25519'];
const RSA_MODULUS_BITS_MIN = 2_048;
const RSA_EXPONENT_MIN = 65_537n;

/** Why a JWK is no public key to rely on; null where it is one. */
export function publicKeyFault(jwk: PublicKey): string | null {
  const held = PRIVATE_MEMBERS.filter((member) => member in jwk);
  if (held.length > 0) return `must not have the private member ${held.join(', ')}`;
  if (jwk.kty !== 'RSA' && !CURVES.includes(String(jwk['crv']))) return `must be on one of ${CURVES.join(', ')}`;
  try {
    const { asymmetricKeyDetails = {} } = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    if (jwk.kty !== 'RSA') return null;
    const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails;
    if (modulusLength < RSA_MODULUS_BITS_MIN) return `must have ${RSA_MODULUS_BITS_MIN} bits or more`;
    return publicExponent < RSA_EXPONENT_MIN ? `must have an exponent of ${RSA_EXPONENT_MIN} or more` : null;
  } catch {
    return 'is not a valid public key';
  }
}
