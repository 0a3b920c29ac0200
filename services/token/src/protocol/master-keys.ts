import { hash } from 'node:crypto';
import type { SealedKey } from '../store/signing-keys.ts';
import { openPrivateKey, sealPrivateKey } from './sealed-private-key.ts';

/**
 * The keys that seal private keys and recoverable secrets: the current one seals, the previous ones still open. A sealed key names the one that
 * it was sealed with by the first 8 hex digits of its SHA-256.
 */
export class MasterKeys {
  private readonly byId: ReadonlyMap<string, Buffer>;
  private readonly currentId: string;

  constructor(
    private readonly current: Buffer,
    previous: readonly Buffer[] = [],
  ) {
    this.currentId = idOf(current);
    this.byId = new Map([current, ...previous].map((key) => [idOf(key), key]));
  }

  seal(pkcs8: string, kid: string): SealedKey {
    return { sealedPrivateKey: sealPrivateKey(pkcs8, kid, this.current), masterKeyId: this.currentId };
  }

  /** Throws where it was sealed with a key that is not configured, or was changed. */
  open({ sealedPrivateKey, masterKeyId }: SealedKey, kid: string): string {
    // Rows from before master keys had names were sealed when there was one only.
    const key = masterKeyId === null ? this.current : this.byId.get(masterKeyId);
    if (!key) throw new Error(`${kid} is sealed with the master key ${masterKeyId}, which is not set`);
    return openPrivateKey(sealedPrivateKey, kid, key);
  }

  /** Names the key that seals. */
  get sealing(): string {
    return this.currentId;
  }

  isCurrent({ masterKeyId }: SealedKey): boolean {
    return masterKeyId === this.currentId;
  }
}

function idOf(masterKey: Buffer): string {
  return hash('sha256', masterKey, 'hex').slice(0, 8);
}
