import { randomUUID } from 'node:crypto';
import { RevocationFreshness, RevocationList } from '@gatehouse/authn';

/**
 * How much memory a guard needs for a million live revocations, and how long it takes to apply and to find them:
 * `node --expose-gc test/load/revocation-memory.ts`.
 */
const COUNT = 1_000_000;

function memoryMb(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

const [list, freshness] = [new RevocationList(), new RevocationFreshness()];
const revoked_at = new Date().toISOString();
const expires_at = new Date(Date.now() + 660_000).toISOString();
const before = memoryMb();
let peakMb = 0;
const applying = performance.now();
for (let number = 1; number <= COUNT; number++) {
  list.add({ scope: 'jti', id: randomUUID(), revoked_at, expires_at });
  freshness.applied(number);
  if (number % 100_000 === 0) {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    peakMb = Math.max(peakMb, (heapUsed + arrayBuffers) / 1e6 - before);
  }
}
const appliedUs = ((performance.now() - applying) * 1_000) / COUNT;
const keptMb = memoryMb() - before;

const principal = { kind: 'client', id: 'c', clientId: 'c', scope: [], jti: randomUUID(), issuedAt: 0, expiresAt: 0 } as const; // prettier-ignore
const token = { kid: 'k', principal };
const looking = performance.now();
for (let n = 0; n < COUNT; n++) list.covers(token);
const lookedUpNs = ((performance.now() - looking) * 1e6) / COUNT;

console.log(`revocations             ${list.size}`);
console.log(`memory kept             ${keptMb.toFixed(0)} MB`);
console.log(`memory at most, seen    ${peakMb.toFixed(0)} MB, garbage included`);
console.log(`applying one            ${appliedUs.toFixed(1)} us`);
console.log(`checking a known token  ${lookedUpNs.toFixed(0)} ns`);
