import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { eventually } from '@gatehouse/testing';
import { metrics } from '@gatehouse/telemetry';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JWK } from 'jose';
import type { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { signingAlgorithms } from '@gatehouse/contracts';
import { SigningKeys } from '../store/signing-keys.ts';
import { TokenHarness } from '../token.spec-support.ts';
import { keyRingInstance, leaveKeysAlone, type InstanceOptions } from './key-ring.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('key-ring');
  leaveKeysAlone(token);
}, 60_000);
afterAll(() => token.stop());

const instance = (options?: InstanceOptions) => keyRingInstance(token, options);
const keyEvents = async () =>
  (await token.events({ key: 'signing-keys' })).map(({ type, data }) => `${type} ${data?.['algorithm'] as string}`);

test('instances that start together agree on one key, and verify what another signed', async () => {
  await token.sql('DELETE FROM signing_key');
  const instances = await Promise.all(Array.from({ length: 5 }, () => instance()));
  const rows = await token.sql<{ algorithm: string }>('SELECT algorithm FROM signing_key ORDER BY 1');
  expect(rows.map(({ algorithm }) => algorithm)).toEqual(signingAlgorithms.flatMap((one) => [one, one]).sort());
  const [signer, verifier] = instances;
  if (!signer || !verifier) throw new Error('no instances');
  const signed = signer.ring.sign('JWT', { sub: 'x' });
  const { payload } = await jwtVerify(signed, async ({ kid = '' }) => {
    const key = await verifier.ring.find(kid);
    if (!key) throw new Error('unknown key');
    return key;
  });
  expect(payload).toEqual({ sub: 'x' });
  await Promise.all(instances.map(({ stop }) => stop()));
});

test.each(signingAlgorithms)('%s: signed with a key of its own, which the JWKS shows as what it is', async (alg) => {
  const { ring, stop } = await instance();
  const signed = ring.sign('JWT', { sub: 'x' }, alg);
  const header = decodeProtectedHeader(signed);
  const jwk = ring.jwks.find(({ kid }) => kid === header.kid);
  expect(header).toEqual({ alg, typ: 'JWT', kid: jwk?.kid });
  expect(jwk).toMatchObject({ alg, use: 'sig', kty: { ES256: 'EC', EdDSA: 'OKP', RS256: 'RSA', PS256: 'RSA' }[alg] });
  for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(jwk).not.toHaveProperty(secret);
  const keys = createLocalJWKSet({ keys: ring.jwks as unknown as JWK[] });
  expect((await jwtVerify(signed, keys, { algorithms: [alg] })).payload).toEqual({ sub: 'x' });
  await stop();
});

test('an algorithm that the settings do not list has no key and signs nothing', async () => {
  await token.sql('DELETE FROM signing_key');
  const { ring, stop } = await instance({ policy: { algorithms: ['ES256'], lifetimeMs: 3_600_000 } });
  expect(ring.jwks.map(({ alg }) => alg)).toEqual(['ES256', 'ES256']);
  expect(() => ring.sign('JWT', {}, 'RS256')).toThrow('SIGNING_ALGORITHMS');
  await stop();
});

test('keys of other algorithms verify no access token', async () => {
  const { ring, stop } = await instance();
  const { kid = '' } = decodeProtectedHeader(ring.sign('at+jwt', {}, 'RS256'));
  expect(await ring.find(kid)).toBeUndefined();
  await stop();
});

test('a key that another instance made a moment ago is found, at most one reading a second', async () => {
  const policy = { algorithms: ['ES256'] as const, lifetimeMs: 3_600_000 };
  const { ring, stop } = await instance({ policy });
  const reading = jest.spyOn(token.part(SigningKeys), 'living');
  for (let n = 0; n < 20; n++) expect(await ring.find(`made-up-${n}`)).toBeUndefined();
  expect(reading.mock.calls.length).toBeLessThanOrEqual(1);
  reading.mockRestore();
  await token.sql('DELETE FROM signing_key');
  const other = await instance({ policy });
  const { kid = '' } = decodeProtectedHeader(other.ring.sign('JWT', {}));
  await eventually(async () => expect(await ring.find(kid)).toBeDefined(), { within: '5s' });
  await Promise.all([stop(), other.stop()]);
});

test('the life of a key is told by events, each of which was written: created, activated, retired, removed', async () => {
  await token.sql('DELETE FROM signing_key');
  const before = (await keyEvents()).length;
  const time = { nowMs: Date.now() };
  const clock: Clock = { now: () => new Date(time.nowMs) };
  const { ring, stop } = await instance({ policy: { algorithms: ['ES256'], lifetimeMs: 3_600_000 }, clock });
  time.nowMs += 3_600_000;
  await ring.reload();
  time.nowMs += 1_200_000;
  await ring.reload();
  const told = (await keyEvents()).slice(before).filter((event) => event.endsWith('ES256'));
  expect(told.map((event) => event.replace(/signing-key\.| ES256/g, ''))).toEqual([
    'created',
    'activated',
    'created',
    'retired',
    'activated',
    'created',
    'removed',
  ]);
  await stop();
});

test('the metrics tell how many keys are in which state, and how old the active one is', async () => {
  const { stop } = await instance();
  const text = await metrics.metrics();
  expect(text).toMatch(/signing_keys\{algorithm="ES256",state="active"\} 1/);
  expect(text).toMatch(/signing_key_age_seconds\{algorithm="ES256"\} [\d.]+/);
  await stop();
});

describe('the private key', () => {
  test('the private key is in no table in the clear', async () => {
    const rows = await token.sql<{ row: string; sealed: Buffer }>(
      'SELECT t::text AS row, sealed_private_key AS sealed FROM signing_key t WHERE sealed_private_key IS NOT NULL',
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { row, sealed } of rows) {
      expect(row).not.toContain('"d"');
      expect(row).not.toContain('PRIVATE KEY');
      expect(sealed.toString('latin1')).not.toContain('PRIVATE KEY');
    }
  });

  test('with the wrong master key an instance is not ready, signs nothing, and says so without a secret', async () => {
    const { ring, health, stop } = await instance({ masterKeys: [randomBytes(32)] });
    const reason = 'the ES256 signing key cannot be opened with the master key';
    expect(health.readiness().failing).toEqual([{ part: 'signing-keys', reason }]);
    expect(() => ring.sign('JWT', {})).toThrow(expect.objectContaining({ code: 'dependency-unavailable' }) as Error);
    await stop();
  });

  test('an instance with the wrong master key makes no key that the others could not open', async () => {
    await token.sql("UPDATE signing_key SET active_from = active_from - interval '90 days'");
    const before = await token.sql('SELECT kid FROM signing_key ORDER BY kid');
    const { rotation, stop } = await instance({ masterKeys: [randomBytes(32)] });
    expect(await token.sql('SELECT kid FROM signing_key ORDER BY kid')).toEqual(before);
    await expect(rotation.rotate()).rejects.toThrow('SIGNING_KEY_ENCRYPTION_KEY');
    expect(await token.sql('SELECT kid FROM signing_key ORDER BY kid')).toEqual(before);
    await stop();
  });

  test('a new master key takes over while the previous one still opens; then that one is needed no more', async () => {
    await token.sql('DELETE FROM signing_key');
    const [old, current] = [token.part(TokenSettings).masterKey, randomBytes(32)];
    const before = await instance({ masterKeys: [old] });
    const { kid } = decodeProtectedHeader(before.ring.sign('JWT', {}));
    await before.stop();
    const sealedBy = async () => {
      const rows = await token.sql<{ id: string }>('SELECT DISTINCT master_key_id AS id FROM signing_key');
      return rows.map(({ id }) => id);
    };
    const [oldId] = await sealedBy();
    const both = await instance({ masterKeys: [current, old] });
    expect(await sealedBy()).toEqual([expect.not.stringMatching(oldId!)]);
    const after = await instance({ masterKeys: [current] });
    expect(after.health.readiness().ready).toBe(true);
    for (const { ring } of [both, after]) expect(decodeProtectedHeader(ring.sign('JWT', {})).kid).toBe(kid);
    await Promise.all([both.stop(), after.stop(), token.sql('DELETE FROM signing_key')]);
  });
});
