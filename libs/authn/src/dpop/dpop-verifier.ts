import type { ReplayedIds } from '../replayed-ids.ts';
import type { DpopSettings } from '../settings.ts';
import { DpopNonces } from './dpop-nonces.ts';
import { verifyDpopProof } from './dpop-proof.ts';
import type { DpopProof } from './dpop-proof.ts';
import { DpopRefused } from './dpop-refused.ts';
import { dpopAlgorithms } from './proof-key.ts';

/** A request as the proof has to name it. */
export interface ProvenRequest {
  /** The `DPoP` header. */
  readonly proof: string | readonly string[] | undefined;
  readonly method: string;
  /** Path and query, as the request line has them. */
  readonly path: string;
  readonly accessToken?: string;
  /** The key that must have signed; without it any may. */
  readonly jkt?: string;
}

/** Verifies the DPoP proofs of one service by its settings, each of them once. */
export class DpopVerifier {
  readonly nonces: DpopNonces;

  constructor(
    /** The service's base URLs as its callers see it: behind a proxy, the request itself does not tell. */
    private readonly serviceUrl: string | readonly string[],
    private readonly settings: DpopSettings,
    private readonly used: ReplayedIds,
    private readonly now: () => number = Date.now,
  ) {
    this.nonces = new DpopNonces(settings.DPOP_NONCE_KEY, now);
  }

  /**
   * Throws `DpopRefused`, and `dependency-unavailable` where it cannot be told whether the proof was used before. Only a
   * proof that is good otherwise counts as used.
   */
  async verify({ path, jkt, ...request }: ProvenRequest): Promise<DpopProof> {
    const { DPOP_REQUIRE_NONCE, DPOP_PROOF_AGE_SECONDS_MAX, DPOP_PROOF_AHEAD_SECONDS_MAX } = this.settings;
    const proof = await verifyDpopProof({
      ...request,
      url: [this.serviceUrl].flat().map((base) => `${base}${path}`),
      now: this.now() / 1_000,
      algorithms: dpopAlgorithms,
      ageSecondsMax: DPOP_PROOF_AGE_SECONDS_MAX,
      aheadSecondsMax: DPOP_PROOF_AHEAD_SECONDS_MAX,
      ...(DPOP_REQUIRE_NONCE && { nonces: this.nonces }),
    });
    if (jkt !== undefined && proof.jkt !== jkt) throw new DpopRefused('The DPoP proof was made with another key.');
    const expiresAt = proof.iat + DPOP_PROOF_AGE_SECONDS_MAX;
    if (await this.used.use({ kind: 'dpop-proof', owner: proof.jkt, id: proof.jti, expiresAt })) return proof;
    throw new DpopRefused('The DPoP proof was used before.');
  }
}
