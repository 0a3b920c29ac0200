import { Database } from '@gatehouse/database';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { Outbox } from '@gatehouse/messaging';
import { SystemClock, type Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import type { KeyPolicy } from '../domain/key-lifecycle.ts';
import { SigningKeys } from '../store/signing-keys.ts';
import type { TokenHarness } from '../token.spec-support.ts';
import { KeyRing } from './key-ring.ts';
import { KeyRotation } from './key-rotation.ts';
import { MasterKeys } from './master-keys.ts';

export interface InstanceOptions {
  /** The current one, then previous ones. */
  readonly masterKeys?: readonly [Buffer, ...Buffer[]];
  readonly policy?: KeyPolicy;
  readonly clock?: Clock;
}

/** The key ring of one more instance over the same database. */
export async function keyRingInstance(token: TokenHarness, options: InstanceOptions = {}) {
  const settings = token.part(TokenSettings);
  const { masterKeys: [current, ...previous] = [settings.masterKey], clock = new SystemClock() } = options;
  const signingKeys = options.policy ?? settings.signingKeys;
  const masterKeys = new MasterKeys(current, previous);
  const [database, outbox] = [token.part(Database), token.part(Outbox)];
  const rotation = new KeyRotation(token.part(SigningKeys), masterKeys, { signingKeys }, database, outbox, clock);
  const [health, shutdown] = [new Health(), new Shutdown()];
  const ring = new KeyRing(rotation, masterKeys, signingKeys.algorithms, clock, health, shutdown);
  await ring.onModuleInit();
  return { ring, rotation, health, stop: () => shutdown.run(1_000) };
}

/** Keeps the harness's own instance, whose clock and settings are others, from rotating the keys of a test. */
export function leaveKeysAlone(token: TokenHarness): void {
  Object.assign(token.part(KeyRotation), { reconcile: () => token.part(SigningKeys).living() });
}
