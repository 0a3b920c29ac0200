import { randomBytes } from 'node:crypto';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { jwtVerify } from 'jose';
import { TokenSettings } from '../config.ts';
import { SigningKeys } from '../store/signing-keys.ts';
import { TokenHarness } from '../token.spec-support.ts';
import { KeyRing } from './key-ring.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('key-ring');
}, 60_000);
afterAll(() => token.stop());

/** The key ring of one more instance over the same database. */
async function instance(encryptionKey = token.part(TokenSettings).masterKey) {
  const [health, shutdown] = [new Health(), new Shutdown()];
  const ring = new KeyRing(token.part(SigningKeys), encryptionKey, health, shutdown);
  await ring.onModuleInit();
  return { ring, health, stop: () => shutdown.run(1_000) };
}

test('instances that start together agree on one key, and verify what another signed', async () => {
  await token.sql('DELETE FROM signing_key');
  const instances = await Promise.all(Array.from({ length: 5 }, () => instance()));
  expect(await token.sql('SELECT kid FROM signing_key')).toHaveLength(1);
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

test('the private key is in no table in the clear', async () => {
  const [row] = await token.sql<{ row: string; sealed: Buffer }>(
    'SELECT t::text AS row, sealed_private_key AS sealed FROM signing_key t',
  );
  expect(row?.row).not.toContain('"d"');
  expect(row?.row).not.toContain('PRIVATE KEY');
  expect(row?.sealed.toString('latin1')).not.toContain('PRIVATE KEY');
});

test('with the wrong master key an instance is not ready, signs nothing, and says so without a secret', async () => {
  const { ring, health, stop } = await instance(randomBytes(32));
  expect(health.readiness().failing).toEqual([{ part: 'signing-keys', reason: 'the signing keys are not loaded yet' }]);
  expect(() => ring.sign('JWT', {})).toThrow(expect.objectContaining({ code: 'dependency-unavailable' }) as Error);
  await stop();
});
