import { randomUUID } from 'node:crypto';
import { es256Key, KeySource, RevocationList, TokenVerifier, type Es256Key } from '@gatehouse/authn';
import { decodeProtectedHeader, type JWK } from 'jose';
import type { Clock } from '../clock.ts';
import { JWKS_MAX_AGE_S, type KeyPolicy } from '../domain/key-lifecycle.ts';
import { ACCESS_TOKEN_LIFETIME_S } from '../domain/token-claims.ts';
import { TokenHarness } from '../token.spec-support.ts';
import { keyRingInstance, leaveKeysAlone } from './key-ring.spec-support.ts';
import type { KeyRing } from './key-ring.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('key-rotation', { SIGNING_ALGORITHMS: 'ES256' });
  leaveKeysAlone(token);
}, 60_000);
afterAll(() => token.stop());

const ROTATIONS = 10;
const STEP_MS = 20_000;
const LIFETIME_MS = 20 * 60_000;
const policy: KeyPolicy = { algorithms: ['ES256'], lifetimeMs: LIFETIME_MS };
const ISSUER = 'https://id.example';
const AUDIENCE = 'https://api.example';

type Published = (ring: KeyRing) => readonly JWK[];

/** A resource server that fetches the JWKS as seldom as its max-age allows, and never because a kid is unknown. */
class StaleJwks extends KeySource {
  private keys = new Map<string, Es256Key>();
  private fetchedAtMs = -Infinity;

  constructor(
    private readonly fetch: () => readonly JWK[],
    private readonly nowMs: () => number,
  ) {
    super();
  }

  find(kid: string): Promise<Es256Key | undefined> {
    if (this.nowMs() - this.fetchedAtMs >= JWKS_MAX_AGE_S * 1_000) {
      this.keys = new Map(this.fetch().map((jwk) => [jwk.kid ?? '', es256Key(jwk)]));
      this.fetchedAtMs = this.nowMs();
    }
    return Promise.resolve(this.keys.get(kid));
  }
}

/**
 * Ten lives of keys on clocks that tests set: two instances, one of them half a minute ahead, issue; three resource servers
 * with JWKS of different ages verify new and old tokens at every step.
 */
async function rotateUnderLoad(published: Published) {
  await token.sql('DELETE FROM signing_key');
  const time = { nowMs: Date.now() };
  const clock = (aheadMs: number): Clock => ({ now: () => new Date(time.nowMs + aheadMs) });
  const instances = [
    await keyRingInstance(token, { policy, clock: clock(0) }),
    await keyRingInstance(token, { policy, clock: clock(30_000) }),
  ];
  const rings = instances.map(({ ring }) => ring);
  const servers = [0, 1, 0].map((index) => {
    const keys = new StaleJwks(
      () => published(rings[index]!),
      () => time.nowMs,
    );
    return new TokenVerifier(
      { issuer: ISSUER, audience: AUDIENCE, rememberedTokensMax: 0 },
      keys,
      new RevocationList(),
    );
  });
  const outcome = { kids: new Set<string>(), verified: 0, failed: 0 };
  const issued: { token: string; atMs: number }[] = [];
  const end = time.nowMs + (ROTATIONS + 0.9) * LIFETIME_MS;
  for (let step = 0; time.nowMs < end; step++, time.nowMs += STEP_MS) {
    await Promise.all(rings.map((ring) => ring.reload()));
    for (const ring of rings) issued.push({ token: accessToken(ring), atMs: time.nowMs });
    while (issued[0] && time.nowMs - issued[0].atMs >= ACCESS_TOKEN_LIFETIME_S * 1_000) issued.shift();
    // The oldest, the newest of each instance, and one in between.
    const sample = [issued[0]!, issued[step % issued.length]!, ...issued.slice(-2)];
    // Each server fetches at other times than the others.
    const awake = servers.filter((_, index) => step >= index * 5);
    const checks = awake.flatMap((server) => sample.map((one) => server.verify(one.token)));
    for (const { status } of await Promise.allSettled(checks))
      outcome[status === 'fulfilled' ? 'verified' : 'failed']++;
    for (const one of issued.slice(-2)) outcome.kids.add(decodeProtectedHeader(one.token).kid ?? '');
  }
  await Promise.all(instances.map(({ stop }) => stop()));
  return outcome;
}

/** Verifiers look at the real clock, so the token expires by it; its age on the tests' clock is what is kept above. */
function accessToken(ring: KeyRing): string {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'svc', client_id: 'svc', iat: now, exp: now + 3_600 };
  return ring.sign('at+jwt', { ...claims, jti: randomUUID() });
}

const asPublished: Published = (ring) => ring.jwks;

/** The JWKS as it would be without the keys that have not signed yet, or without those that sign no more. */
function without(hidden: 'pre-published' | 'retiring'): Published {
  const signed = new Map<KeyRing, Set<string>>();
  return (ring) => {
    const current = decodeProtectedHeader(ring.sign('JWT', {})).kid ?? '';
    const past = (signed.get(ring) ?? new Set()).add(current);
    signed.set(ring, past);
    const shown = (kid: string) => (hidden === 'retiring' ? kid === current || !past.has(kid) : past.has(kid));
    return asPublished(ring).filter(({ kid = '' }) => shown(kid));
  };
}

test('ten rotations under load, with clients that hold the JWKS for its whole max-age: no verification fails', async () => {
  const { kids, verified, failed } = await rotateUnderLoad(asPublished);
  expect(kids.size).toBe(ROTATIONS + 1);
  expect(failed).toBe(0);
  expect(verified).toBeGreaterThan(5_000);
}, 120_000);

test.each(['pre-published', 'retiring'] as const)(
  'negative control: a JWKS without its %s keys makes the same verifications fail',
  async (hidden) => {
    const { failed } = await rotateUnderLoad(without(hidden));
    expect(failed).toBeGreaterThan(ROTATIONS);
  },
  120_000,
);
