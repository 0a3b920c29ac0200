import { hash } from 'node:crypto';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { z } from 'zod';
import { compactParts } from '../compact-jwt.ts';
import { DpopRefused } from './dpop-refused.ts';
import { proofKey, type DpopAlgorithm } from './proof-key.ts';
import { sameTarget } from './proof-target.ts';

/** An RSA-4096 key and signature take about 2,300 characters. */
const PROOF_CHARACTERS_MAX = 4_096;

/** What a proof is compared with; times are seconds since the epoch. */
export interface DpopExpectations {
  /** The values of the `DPoP` header: as Node gives them, several are one text joined by commas. */
  readonly proof: string | readonly string[] | undefined;
  readonly method: string;
  /** The URL that the client asked for, as it sees it; its query and fragment do not count. */
  readonly url: string | readonly string[];
  /** The token that came with the proof; at the token endpoint there is none. */
  readonly accessToken?: string;
  readonly now: number;
  readonly algorithms: readonly DpopAlgorithm[];
  /** Which nonces are live; without it none is asked for. */
  readonly nonces?: { accepts(nonce: string): boolean };
  readonly ageSecondsMax: number;
  /** How far the clock of the client may be ahead. */
  readonly aheadSecondsMax: number;
}

export interface DpopProof {
  /** RFC 7638 SHA-256 thumbprint of the key that signed it. */
  readonly jkt: string;
  readonly jti: string;
  readonly iat: number;
  readonly nonce: string | undefined;
}

const claims = z.object({
  jti: z.string().min(1).max(256),
  htm: z.string().max(32),
  htu: z.string().max(2_048),
  iat: z.number(),
  ath: z.string().max(64).optional(),
  nonce: z.string().max(256).optional(),
});
type Claims = z.output<typeof claims>;

/**
 * The checks of RFC 9449 4.3 in their order, but that of a replay (12.1), which needs a memory: see `ReplayedIds`. Reads no clock.
 * Throws `DpopRefused`.
 */
export async function verifyDpopProof(expected: DpopExpectations): Promise<DpopProof> {
  const proof = singleJwt(expected.proof);
  const found = claimsOf(proof);
  const { alg, jwk } = keyOf(proof, expected.algorithms);
  await verifySignature(proof, alg, jwk, expected.now);
  if (found.htm !== expected.method) throw new DpopRefused('The DPoP proof was made for another method.');
  if (![expected.url].flat().some((url) => sameTarget(found.htu, url)))
    throw new DpopRefused('The DPoP proof was made for another URL.');
  assertNonce(found, expected);
  assertTime(found, expected);
  if (expected.accessToken !== undefined && found.ath !== hash('sha256', expected.accessToken, 'base64url'))
    throw new DpopRefused('The DPoP proof was made for another access token.');
  return { jkt: await calculateJwkThumbprint(jwk, 'sha256'), jti: found.jti, iat: found.iat, nonce: found.nonce };
}

/** Checks 1 and 2: one header, which is one JWT in the compact form. */
function singleJwt(header: string | readonly string[] | undefined): string {
  const values = [header ?? []].flat().flatMap((value) => value.split(','));
  const [proof] = values;
  if (proof === undefined) throw new DpopRefused('A DPoP proof is required.');
  if (values.length > 1) throw new DpopRefused('There is more than one DPoP proof.');
  if (proof.length > PROOF_CHARACTERS_MAX || !compactParts(proof)) throw malformed();
  return proof;
}

/** Check 3: the required claims. */
function claimsOf(proof: string): Claims {
  const parsed = claims.safeParse(orMalformed(() => decodeJwt(proof)));
  if (!parsed.success)
    throw new DpopRefused('The DPoP proof lacks a claim, or has a wrong one.', { cause: parsed.error });
  return parsed.data;
}

/** Checks 4, 5 and 7: the type, an algorithm of the list, and a public key that fits it. */
function keyOf(proof: string, algorithms: readonly DpopAlgorithm[]) {
  const { typ, alg, jwk } = orMalformed(() => decodeProtectedHeader(proof));
  if (typ !== 'dpop+jwt') throw new DpopRefused('The DPoP proof is not of the type dpop+jwt.');
  const accepted = algorithms.find((algorithm) => algorithm === alg);
  if (!accepted) throw new DpopRefused('The algorithm of the DPoP proof is not accepted.');
  return { alg: accepted, jwk: proofKey(accepted, jwk) };
}

/** Check 6: the key in the header made the signature. `crit`, `b64` and an `exp` that has passed are refused by jose. */
async function verifySignature(proof: string, alg: DpopAlgorithm, jwk: ReturnType<typeof proofKey>, now: number) {
  try {
    const key = await importJWK({ ...jwk }, alg);
    await jwtVerify(proof, key, { algorithms: [alg], typ: 'dpop+jwt', currentDate: new Date(now * 1_000) });
  } catch (cause) {
    throw new DpopRefused('The signature of the DPoP proof is not valid.', { cause });
  }
}

/** Check 10. It comes before the time, so that a client whose clock is wrong still learns the nonce. */
function assertNonce({ nonce }: Claims, { nonces }: DpopExpectations): void {
  if (!nonces || (nonce !== undefined && nonces.accepts(nonce))) return;
  const reason = nonce === undefined ? 'The DPoP proof needs a nonce.' : 'The nonce of the DPoP proof is too old.';
  throw new DpopRefused(reason, { code: 'use_dpop_nonce' });
}

/** Check 11. */
function assertTime({ iat }: Claims, { now, ageSecondsMax, aheadSecondsMax }: DpopExpectations): void {
  if (iat < now - ageSecondsMax) throw new DpopRefused('The DPoP proof is too old.');
  if (iat > now + aheadSecondsMax) throw new DpopRefused('The DPoP proof is from the future.');
}

function orMalformed<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause?: unknown): DpopRefused {
  return new DpopRefused('The DPoP proof is not a well-formed JWT.', { cause });
}
