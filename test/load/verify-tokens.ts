import { randomUUID } from 'node:crypto';
import { IssuerMetadata, JwksKeySource, RevocationList, TokenVerifier } from '@gatehouse/authn';
import { TestIssuer } from '@gatehouse/authn/testing';

/** What verifying an access token costs a service: one seen before, and one that is new. `node test/load/verify-tokens.ts` */
const NEW_TOKENS = 4_000;
const SEEN_BEFORE = 400_000;
const ROUNDS = 5;
const audience = 'http://127.0.0.1:4002';

/** Calls of `verify` a second of CPU time, over all threads of the process. */
async function perCpuSecond(tokens: readonly string[], calls: number, verifier: TokenVerifier): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call++) await verifier.verify(tokens[call % tokens.length] ?? '');
  const { user, system } = process.cpuUsage(before);
  return (calls * 1e6) / (user + system);
}

const issuer = await TestIssuer.start();
const keys = new JwksKeySource(new IssuerMetadata(issuer.url));
await keys.refresh();
const [uncached, cached]: [number[], number[]] = [[], []];
for (let round = 0; round <= ROUNDS; round++) {
  const verifier = new TokenVerifier({ issuer: issuer.url, audience }, keys, new RevocationList());
  const claims = () => ({ grant_id: randomUUID(), sid: randomUUID(), scope: 'openid email', acr: 'pwd', auth_time: 1 });
  const tokens: string[] = [];
  for (let n = 0; n < NEW_TOKENS; n++)
    tokens.push(await issuer.token({ audience, subject: randomUUID(), clientId: 'web', claims: claims() }));
  const first = await perCpuSecond(tokens, tokens.length, verifier);
  const again = await perCpuSecond(tokens, SEEN_BEFORE, verifier);
  if (round === 0) continue; // -- warms up
  uncached.push(first);
  cached.push(again);
}
await issuer.close();

/** The least, the median and the most of the rounds. */
function spread(figures: readonly number[]): string {
  const sorted = figures.toSorted((one, other) => one - other);
  return [0, Math.floor(sorted.length / 2), sorted.length - 1].map((at) => Math.round(sorted[at] ?? 0)).join(' / ');
}
console.log(`a new token, each CPU-second           ${spread(uncached)}`);
console.log(`a token seen before, each CPU-second   ${spread(cached)}`);
