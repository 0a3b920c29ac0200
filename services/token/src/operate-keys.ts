import { loadConfig, type Variables } from '@gatehouse/config';
import type { Database } from '@gatehouse/database';
import type { Outbox } from '@gatehouse/messaging';
import { SystemClock } from './clock.ts';
import { keySettings, signingKeySettings } from './config.ts';
import { stateOf } from './domain/key-lifecycle.ts';
import { signingAlgorithms } from '@gatehouse/contracts';
import { KeyRotation } from './protocol/key-rotation.ts';
import { MasterKeys } from './protocol/master-keys.ts';
import { Revoker } from './protocol/revoker.ts';
import { RevokeSigningKey } from './revoke-signing-key/revoke-signing-key.ts';
import { PostgresGrants } from './store/postgres-grants.ts';
import { PostgresRevocations } from './store/postgres-revocations.ts';
import { PostgresSigningKeys } from './store/postgres-signing-keys.ts';

const KEYS_SHOWN = 200;

/** What `gatehouse keys` does, on the service's own database; the running instances follow by event. */
export function operateKeys(database: Database, outbox: Outbox, env: Variables) {
  const settings = keySettings(loadConfig(signingKeySettings, env));
  const clock = new SystemClock();
  const store = new PostgresSigningKeys(database);
  const masterKeys = new MasterKeys(settings.masterKey, settings.previousMasterKeys);
  const rotation = new KeyRotation(store, masterKeys, settings, database, outbox, clock);
  // The operator's command has no Redis: the outbox carries the revocation, and the instances raise the head.
  const announcer = { announce: () => undefined };
  const grants = new PostgresGrants(database);
  const revoker = new Revoker(grants, new PostgresRevocations(database), outbox, announcer, clock);
  const revocation = new RevokeSigningKey(rotation, revoker, database);
  return {
    list: async () => {
      const keys = await store.latest(KEYS_SHOWN);
      const now = clock.now();
      return keys.map((key) => ({ ...key, state: stateOf(key, keys, now) }));
    },
    /** Throws where `algorithm` is none that tokens are signed with. */
    rotate: (algorithm?: string) => {
      const known = signingAlgorithms.find((one) => one === algorithm);
      if (algorithm !== undefined && !known) throw new Error(`${algorithm} is none of ${signingAlgorithms.join(', ')}`);
      return rotation.rotate(known);
    },
    revoke: (kid: string) => revocation.run(kid),
  };
}
