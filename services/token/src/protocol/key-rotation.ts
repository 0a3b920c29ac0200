import { Injectable } from '@nestjs/common';
import {
  signingKeyActivated,
  signingKeyCreated,
  signingKeyRemoved,
  signingKeyRetired,
  signingKeyRevoked,
} from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { log } from '@gatehouse/telemetry';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { mayActivateAt, nextOf, planRotation, type KeyChange } from '../domain/key-lifecycle.ts';
import { keyRevocation, type Revocation } from '../domain/revocation.ts';
import type { SigningAlgorithm } from '@gatehouse/contracts';
import { SIGNING_KEYS, SigningKeys, type LivingSigningKey } from '../store/signing-keys.ts';
import { MasterKeys } from './master-keys.ts';
import { createSigningKey, type NewSigningKey } from './signing-key.ts';

/**
 * Writes the life of the signing keys. What is due follows from the stored instants, so every instance may do it: whoever
 * gets the lock first does, and the others find nothing left to do.
 */
@Injectable()
export class KeyRotation {
  constructor(
    private readonly store: SigningKeys,
    private readonly masterKeys: MasterKeys,
    private readonly settings: Pick<TokenSettings, 'signingKeys'>,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Does what is due, and gives the keys as they are then. With `reseal`, and whenever it writes, keys under a previous
   * master key are sealed with the current one.
   */
  async reconcile({ reseal = false } = {}): Promise<LivingSigningKey[]> {
    const keys = await this.store.living();
    const due = this.plan(keys).length > 0 || (reseal && keys.some(({ sealed }) => !this.masterKeys.isCurrent(sealed)));
    if (!due) return keys;
    const unopened = this.firstUnopened(keys);
    if (unopened) {
      log('signing-keys').error({ err: unopened }, 'signing_keys_not_rotated');
      return keys;
    }
    return this.database.change([SIGNING_KEYS], (tx) => this.reconcileIn(tx));
  }

  /**
   * Lets the next key sign from now on, of one algorithm or of all. Throws `conflict`, and changes nothing, where a next
   * key is not yet known to everyone who verifies.
   */
  rotate(algorithm?: SigningAlgorithm): Promise<{ kid: string; algorithm: SigningAlgorithm }[]> {
    return this.database.change([SIGNING_KEYS], async (tx) => {
      const now = this.clock.now();
      const keys = await this.reconcileIn(tx);
      const wanted = algorithm ? [algorithm] : this.settings.signingKeys.algorithms;
      const next = wanted.flatMap((one) => nextOf(keys, one, now) ?? []);
      if (next.length < wanted.length)
        throw new Problem('conflict', { detail: 'There is no next key of that algorithm.' });
      const early = next.find((key) => mayActivateAt(key) > now);
      if (early) throw new Problem('conflict', { detail: notYet(early) });
      for (const { kid } of next) await this.store.activate(tx, kid, now);
      await this.reconcileIn(tx);
      return next.map((key) => ({ kid: key.kid, algorithm: key.algorithm }));
    });
  }

  /**
   * Takes a key out of use at once; the next one signs, and a new next one is created. The transaction holds the lock
   * `SIGNING_KEYS`. Throws `not-found`.
   *
   * @returns the revocation of its tokens; null, and nothing is changed, where it was revoked already
   */
  async revoke(tx: Tx, kid: string): Promise<Revocation | null> {
    const key = await this.store.find(tx, kid);
    if (!key) throw new Problem('not-found', { detail: 'There is no signing key with this id.' });
    if (key.revokedAt) return null;
    const now = this.clock.now();
    await this.store.revoke(tx, kid, now);
    const { algorithm } = key;
    await this.outbox.append(tx, signingKeyRevoked, { kid, algorithm, revoked_at: now.toISOString() });
    await this.reconcileIn(tx);
    return keyRevocation(kid, now);
  }

  private plan(keys: readonly LivingSigningKey[]): KeyChange[] {
    return planRotation(keys, this.settings.signingKeys, this.clock.now());
  }

  /** Throws where a key cannot be opened: what this instance would seal, the others could not open either. */
  private async reconcileIn(tx: Tx): Promise<LivingSigningKey[]> {
    const keys = await this.store.living(tx);
    const unopened = this.firstUnopened(keys);
    if (unopened) throw unopened;
    const plan = this.plan(keys);
    // RSA keys take long to make, though not on this thread, so all are made at once.
    const created = await Promise.all(plan.map(pairFor));
    for (const [index, change] of plan.entries()) await this.write(tx, change, keys, created[index]);
    for (const key of await this.store.living(tx)) await this.reseal(tx, key);
    return this.store.living(tx);
  }

  private async write(
    tx: Tx,
    change: KeyChange,
    keys: readonly LivingSigningKey[],
    created?: NewSigningKey,
  ): Promise<void> {
    if (change.kind === 'create') return this.create(tx, change, created);
    const { kid } = change;
    const algorithm = keys.find((key) => key.kid === kid)?.algorithm;
    if (!algorithm) throw new Error('a change of a signing key that is not there');
    switch (change.kind) {
      case 'activate':
        await this.store.activate(tx, kid, change.activeFrom);
        return this.outbox.append(tx, signingKeyActivated, { kid, algorithm, active_from: iso(change.activeFrom) });
      case 'retire': {
        const { retiringFrom, goneAt } = change;
        await this.store.retire(tx, kid, retiringFrom, goneAt);
        const times = { retiring_from: iso(retiringFrom), gone_at: iso(goneAt) };
        return this.outbox.append(tx, signingKeyRetired, { kid, algorithm, ...times });
      }
      case 'remove':
        await this.store.erase(tx, kid);
        return this.outbox.append(tx, signingKeyRemoved, { kid, algorithm });
    }
  }

  private async create(tx: Tx, change: KeyChange & { kind: 'create' }, created?: NewSigningKey): Promise<void> {
    if (!created) throw new Error('no key was created');
    const { algorithm, publishedAt, activeFrom } = change;
    const { kid, publicJwk, pkcs8 } = created;
    const sealed = this.masterKeys.seal(pkcs8, kid);
    const unused = { retiringFrom: null, goneAt: null, revokedAt: null };
    await this.store.add(tx, { kid, algorithm, publicJwk, sealed, publishedAt, activeFrom, ...unused });
    const data = { kid, algorithm, active_from: iso(activeFrom) };
    await this.outbox.append(tx, signingKeyCreated, data);
    if (activeFrom <= publishedAt) await this.outbox.append(tx, signingKeyActivated, data);
  }

  private async reseal(tx: Tx, { kid, sealed }: LivingSigningKey): Promise<void> {
    if (this.masterKeys.isCurrent(sealed)) return;
    await this.store.reseal(tx, kid, this.masterKeys.seal(this.masterKeys.open(sealed, kid), kid));
  }

  private firstUnopened(keys: readonly LivingSigningKey[]): Error | undefined {
    for (const { kid, sealed } of keys) {
      try {
        this.masterKeys.open(sealed, kid);
      } catch (cause) {
        return new Error(`the signing key ${kid} cannot be opened: is SIGNING_KEY_ENCRYPTION_KEY right?`, { cause });
      }
    }
    return undefined;
  }
}

function pairFor(change: KeyChange): Promise<NewSigningKey | undefined> {
  return change.kind === 'create' ? createSigningKey(change.algorithm) : Promise.resolve(undefined);
}

function notYet(key: LivingSigningKey): string {
  const at = mayActivateAt(key).toISOString();
  return `The next ${key.algorithm} key may sign from ${at} on; before, a client may not have it. Nothing was changed.`;
}

function iso(instant: Date): string {
  return instant.toISOString();
}
