import { randomUUID } from 'node:crypto';
import type { LiveRevocation } from '@gatehouse/contracts';
import { RevocationFreshness, RevocationList, RevocationSource, RevocationSync } from './index.ts';
import type { RevocationPage } from './index.ts';

/** The issuer's numbered revocations; some may have expired and left a gap. */
class Issuer extends RevocationSource {
  readonly live = new Map<number, LiveRevocation>();
  head = 0;
  calls = 0;
  down = false;

  revoke(): LiveRevocation {
    const revocation: LiveRevocation = {
      scope: 'jti',
      id: randomUUID(),
      revoked_at: new Date().toISOString(),
      expires_at: new Date(Date.now() + 600_000).toISOString(),
      number: ++this.head,
    };
    this.live.set(revocation.number, revocation);
    return revocation;
  }

  since(after: number, limit: number): Promise<RevocationPage> {
    this.calls++;
    if (this.down) return Promise.reject(new Error('down'));
    const revocations = [...this.live.values()].filter(({ number }) => number > after).slice(0, limit);
    const last = revocations.length === limit ? revocations.at(-1) : undefined;
    return Promise.resolve({ head: this.head, complete_through: last?.number ?? this.head, revocations });
  }
}

let issuer: Issuer;
let list: RevocationList;
let freshness: RevocationFreshness;
let inRedis: { number: number; asOfMs: number } | undefined | Error;
let sync: RevocationSync;
beforeEach(() => {
  [issuer, list, freshness, inRedis] = [new Issuer(), new RevocationList(), new RevocationFreshness(), undefined];
  const head = { read: () => (inRedis instanceof Error ? Promise.reject(inRedis) : Promise.resolve(inRedis)) };
  sync = new RevocationSync(issuer, head, list, freshness);
});

/** Everything of the issuer is refused. */
function knowsAll(): boolean {
  return [...issuer.live.values()].every(({ id }) =>
    list.covers({
      kid: '',
      principal: { kind: 'client', id: 'c', clientId: 'c', scope: [], jti: id, issuedAt: 0, expiresAt: 0 },
    }),
  );
}

test('the gaps that expired revocations left cost one call at the start', async () => {
  for (let n = 0; n < 1_000; n++) issuer.revoke();
  for (let n = 1; n <= 1_000; n++) if (n % 3 !== 0) issuer.live.delete(n);
  await sync.sync();
  expect(issuer.calls).toBe(1);
  expect([freshness.isFresh, freshness.completeThrough, knowsAll()]).toEqual([true, 1_000, true]);
});

test('with a head of Redis that is reached, nobody else is asked; with one that is not, the range below it is', async () => {
  sync.hear(JSON.stringify(issuer.revoke()));
  inRedis = { number: 1, asOfMs: performance.now() };
  await sync.sync();
  expect([issuer.calls, freshness.isFresh]).toEqual([0, true]);
  issuer.revoke();
  issuer.revoke();
  inRedis = { number: 3, asOfMs: performance.now() };
  await sync.sync();
  expect([issuer.calls, freshness.completeThrough, knowsAll()]).toEqual([1, 3, true]);
});

test.each([
  ['is away', new Error('away')],
  ['lives and has no head', undefined],
])(
  'a Redis that %s proves nothing: the issuer is asked, and where it is away too the guard is stale',
  async (_, state) => {
    inRedis = state;
    await sync.sync();
    expect([issuer.calls, freshness.isFresh]).toEqual([1, true]);
    const unlucky = new RevocationFreshness();
    issuer.down = true;
    const read = () => (state ? Promise.reject(state) : Promise.resolve(undefined));
    await new RevocationSync(issuer, { read }, list, unlucky).sync().catch(() => undefined);
    expect(unlucky.isFresh).toBe(false);
  },
);

test('an old head of Redis does not make a guard fresh, and negative control: one that takes it as new passes what was revoked since', async () => {
  const revoked = issuer.revoke();
  issuer.down = true;
  inRedis = { number: 0, asOfMs: performance.now() - 5_100 };
  await sync.sync();
  expect(freshness.isFresh).toBe(false);
  inRedis = { number: 0, asOfMs: performance.now() };
  await sync.sync();
  expect([freshness.isFresh, knowsAll()]).toEqual([true, false]);
  sync.hear(JSON.stringify(revoked));
  expect(knowsAll()).toBe(true);
});

test('more revocations than one answer holds are fetched until the head is reached', async () => {
  for (let n = 0; n < 25_000; n++) issuer.revoke();
  await sync.sync();
  expect([issuer.calls, freshness.completeThrough, list.size]).toEqual([3, 25_000, 25_000]);
});

test('numbers that began anew, as after a restore, are followed from their beginning', async () => {
  for (let n = 0; n < 10; n++) issuer.revoke();
  await sync.sync();
  issuer.live.clear();
  issuer.head = 3;
  issuer.revoke();
  await sync.sync();
  expect([freshness.completeThrough, freshness.isFresh, knowsAll()]).toEqual([4, true, true]);
});

test('an announcement that cannot be read changes nothing', () => {
  for (const message of ['', '{}', JSON.stringify({ ...issuer.revoke(), number: 0 })]) sync.hear(message);
  expect([list.size, freshness.completeThrough]).toEqual([0, 0]);
});
