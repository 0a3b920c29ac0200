import { z } from 'zod';
import { DpopRefused } from './dpop-refused.ts';

/** What a proof may be signed with (RFC 9449 11.6): FAPI 2.0's list, and EdDSA by its new name (RFC 9864). */
export const dpopAlgorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const;
export type DpopAlgorithm = (typeof dpopAlgorithms)[number] | 'RS256';

const base64url = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[\w-]+$/);

const ec = z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: base64url(43, 43), y: base64url(43, 43) });
const okp = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: base64url(43, 43) });
/** 2,048 to 4,096 bits, and a short exponent: a large one would make each verification expensive. */
const rsa = z.object({ kty: z.literal('RSA'), n: base64url(342, 684), e: base64url(2, 6) });

const keys: Readonly<Record<DpopAlgorithm, typeof ec | typeof okp | typeof rsa>> = {
  ES256: ec,
  PS256: rsa,
  RS256: rsa,
  EdDSA: okp,
  Ed25519: okp,
};
/** RFC 7518 6: members that only a private or a symmetric key has. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The public key of a proof's header: the members of its type and no others, so that it can be imported as it is. */
export function proofKey(algorithm: DpopAlgorithm, jwk: unknown) {
  if (typeof jwk !== 'object' || jwk === null) throw new DpopRefused('The DPoP proof has no key.');
  if (privateMembers.some((member) => member in jwk)) throw new DpopRefused('The DPoP proof has a private key in it.');
  const parsed = keys[algorithm].safeParse(jwk);
  if (!parsed.success)
    throw new DpopRefused('The key of the DPoP proof does not fit its algorithm.', { cause: parsed.error });
  return parsed.data;
}
