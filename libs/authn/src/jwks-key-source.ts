import { Problem } from '@gatehouse/problem';
import { z } from 'zod';
import { es256Key, type Es256Key } from './es256.ts';
import { fetchFromIssuer } from './issuer-metadata.ts';
import type { IssuerMetadata } from './issuer-metadata.ts';
import { KeySource } from './key-source.ts';

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });
/** The keys that may have signed an access token; others (encryption, RSA) are left out. */
const signingKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  kid: z.string().min(1),
  use: z.literal('sig').optional(),
  alg: z.literal('ES256').optional(),
  x: z.string(),
  y: z.string(),
});

export interface JwksTimings {
  /** At least this long between two fetches, whatever `kid`s callers present. */
  readonly refetchFloorMs: number;
  /** The set is fetched this often without being asked, so that retired keys disappear. */
  readonly refreshEveryMs: number;
  /** Until the first success, this long between two tries. */
  readonly retryEveryMs: number;
}
const defaultTimings: JwksTimings = { refetchFloorMs: 5_000, refreshEveryMs: 300_000, retryEveryMs: 500 };

/**
 * The issuer's JWKS (RFC 7517) over HTTP: fetched by `start`, refreshed in the background, and at once when an unknown
 * `kid` appears, though never twice within the floor and never twice at a time. While the issuer is away the last set stays
 * in use.
 */
export class JwksKeySource extends KeySource {
  private keys = new Map<string, Es256Key>();
  private fetching: Promise<void> | undefined;
  private lastFetch = { startedAt: -Infinity, failed: true };
  private timer: NodeJS.Timeout | undefined;
  private readonly timings: JwksTimings;

  constructor(
    private readonly metadata: IssuerMetadata,
    timings: Partial<JwksTimings> = {},
  ) {
    super();
    this.timings = { ...defaultTimings, ...timings };
  }

  /** Begins to fetch, and to fetch again for as long as the process lives. Does not wait. */
  start(): void {
    const repeat = () => {
      const wait = this.loaded ? this.timings.refreshEveryMs : this.timings.retryEveryMs;
      this.timer = setTimeout(tick, wait).unref();
    };
    const tick = () => void this.refresh().then(repeat, repeat);
    tick();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Whether a set was ever fetched; until then the service is not ready. */
  get loaded(): boolean {
    return this.keys.size > 0;
  }

  async find(kid: string): Promise<Es256Key | undefined> {
    const known = this.keys.get(kid);
    if (known) return known;
    const mayFetch = performance.now() - this.lastFetch.startedAt >= this.timings.refetchFloorMs;
    if (this.fetching || mayFetch) await this.refresh();
    else if (this.lastFetch.failed)
      throw new Problem('dependency-unavailable', { detail: 'The token issuer cannot be reached.' });
    return this.keys.get(kid);
  }

  /** Fetches the set now, or joins the fetch that is under way. A failure leaves the present keys in use. */
  refresh(): Promise<void> {
    this.fetching ??= this.fetch().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async fetch(): Promise<void> {
    this.lastFetch = { startedAt: performance.now(), failed: true };
    const { jwks_uri } = await this.metadata.endpoints();
    const { keys } = await fetchFromIssuer(jwks_uri, keySet);
    const usable = keys.flatMap((key) => signingKey.safeParse(key).data ?? []);
    if (usable.length === 0)
      throw new Problem('dependency-unavailable', { cause: new Error(`${jwks_uri} has no ES256 signing key`) });
    this.keys = new Map(usable.map((jwk) => [jwk.kid, es256Key(jwk)]));
    this.lastFetch.failed = false;
  }
}
