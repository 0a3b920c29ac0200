import { sign, type KeyObject } from 'node:crypto';
import type { OnModuleInit } from '@nestjs/common';
import { KeySource } from '@gatehouse/authn';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { Problem } from '@gatehouse/problem';
import { log } from '@gatehouse/telemetry';
import type { CryptoKey, JWTPayload } from 'jose';
import { SigningKeys } from '../store/signing-keys.ts';
import {
  createSigningKey,
  jwkOf,
  privateKeyOf,
  publicKeyOf,
  SIGNING_ALGORITHM,
  type PublicJwk,
} from './signing-key.ts';

const RETRY_MS = 1_000;

interface LoadedKeys {
  readonly active: { readonly kid: string; readonly key: KeyObject };
  readonly verifying: ReadonlyMap<string, CryptoKey>;
  readonly jwks: readonly PublicJwk[];
}

/**
 * The signing keys in memory: they sign tokens, and verify them for this service itself. Loaded at start, by the first
 * instance of all created; until that works the service is not ready.
 */
export class KeyRing extends KeySource implements OnModuleInit {
  private keys: LoadedKeys | undefined;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: SigningKeys,
    private readonly encryptionKey: Buffer,
    private readonly health: Health,
    private readonly shutdown: Shutdown,
  ) {
    super();
  }

  async onModuleInit(): Promise<void> {
    this.health.add({ name: 'signing-keys', ready: () => (this.keys ? true : 'the signing keys are not loaded yet') });
    this.shutdown.on('pools', 'signing-keys', () => Promise.resolve(clearTimeout(this.retry)));
    await this.loadOrRetry();
  }

  /**
   * A JWT with this `typ` (RFC 7515 4.1.9), signed by the active key (RFC 7518 3.4). Signed here and not by WebCrypto,
   * whose job on another thread costs about as much again as the 0.1 ms of the signature.
   */
  sign(typ: string, claims: JWTPayload): string {
    const { kid, key } = this.loaded.active;
    const input = `${encode({ alg: SIGNING_ALGORITHM, typ, kid })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }

  find(kid: string): Promise<CryptoKey | undefined> {
    return Promise.resolve(this.loaded.verifying.get(kid));
  }

  /** RFC 7517 5. */
  get jwks(): readonly PublicJwk[] {
    return this.loaded.jwks;
  }

  private get loaded(): LoadedKeys {
    if (!this.keys) throw new Problem('dependency-unavailable', { retryAfterSeconds: 1 });
    return this.keys;
  }

  private async loadOrRetry(): Promise<void> {
    try {
      this.keys = await this.load();
    } catch (error) {
      log('signing-keys').warn({ err: error }, 'signing_keys_not_loaded');
      if (!this.shutdown.stopping) this.retry = setTimeout(() => void this.loadOrRetry(), RETRY_MS);
    }
  }

  private async load(): Promise<LoadedKeys> {
    const stored = await this.store.loadOrCreate(() => createSigningKey(this.encryptionKey));
    const newest = stored.at(-1);
    if (!newest) throw new Error('there is no signing key');
    const verifying = await Promise.all(stored.map(async (key) => [key.kid, await publicKeyOf(key)] as const));
    return {
      active: { kid: newest.kid, key: privateKeyOf(newest, this.encryptionKey) },
      verifying: new Map(verifying),
      jwks: stored.map(jwkOf),
    };
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
