import type { OnModuleInit } from '@nestjs/common';
import { es256Key, KeySource, type Es256Key } from '@gatehouse/authn';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { Problem } from '@gatehouse/problem';
import { gauge, log } from '@gatehouse/telemetry';
import type { JWTPayload } from 'jose';
import { Clock } from '../clock.ts';
import { isPublished, KEYS_REREAD_S, signerOf, stateOf } from '../domain/key-lifecycle.ts';
import type { SigningAlgorithm } from '@gatehouse/contracts';
import type { LivingSigningKey } from '../store/signing-keys.ts';
import type { KeyRotation } from './key-rotation.ts';
import type { MasterKeys } from './master-keys.ts';
import { jwkOf, signerWith, SIGNING_ALGORITHM, type PublicJwk } from './signing-key.ts';

const RETRY_MS = 1_000;
/** At least this long between two readings that unknown kids cause. */
const UNKNOWN_KID_FLOOR_MS = 1_000;

/** The key that signs with one algorithm until another becomes active. */
interface Signer {
  readonly untilMs: number;
  readonly sign: (typ: string, claims: JWTPayload) => string;
}

const keysByState = gauge({
  name: 'signing_keys',
  help: 'Signing keys by their state.',
  labels: ['algorithm', 'state'],
});
const activeAge = gauge({
  name: 'signing_key_age_seconds',
  help: 'How long the active key has been signing.',
  labels: ['algorithm'],
});

/**
 * The signing keys in memory: they sign tokens, and verify them for this service itself. Read at start, every few seconds,
 * and when a key is activated or revoked; each time whatever is due of their life is done. Until the first reading works
 * the service is not ready; later ones that fail leave the keys in use.
 */
export class KeyRing extends KeySource implements OnModuleInit {
  private keys: readonly LivingSigningKey[] | undefined;
  private published: readonly PublicJwk[] = [];
  private verifying: ReadonlyMap<string, Es256Key> = new Map();
  private opened: ReadonlyMap<string, Signer['sign']> = new Map();
  private readonly signers = new Map<SigningAlgorithm, Signer>();
  private reading: Promise<void> = Promise.resolve();
  private queued: Promise<void> | undefined;
  private readAtMs = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly rotation: KeyRotation,
    private readonly masterKeys: MasterKeys,
    private readonly algorithms: readonly SigningAlgorithm[],
    private readonly clock: Clock,
    private readonly health: Health,
    private readonly shutdown: Shutdown,
  ) {
    super();
  }

  async onModuleInit(): Promise<void> {
    this.health.add({ name: 'signing-keys', ready: () => this.ready() });
    this.shutdown.on('pools', 'signing-keys', () => {
      clearTimeout(this.timer);
      return this.reading;
    });
    await this.readAndRepeat();
  }

  /**
   * A JWT with this `typ` (RFC 7515 4.1.9), signed by the active key of `algorithm` (RFC 7518 3.1). Signed here and not by
   * WebCrypto, whose job on another thread costs about as much again as the 0.1 ms of an ES256 signature.
   */
  sign(typ: string, claims: JWTPayload, algorithm: SigningAlgorithm = SIGNING_ALGORITHM): string {
    const known = this.signers.get(algorithm);
    const nowMs = this.clock.now().getTime();
    return (known && nowMs < known.untilMs ? known : this.signerAt(algorithm, new Date(nowMs))).sign(typ, claims);
  }

  /** Keys of access tokens only. An unknown one is looked for in the database, though not again within the floor. */
  async find(kid: string): Promise<Es256Key | undefined> {
    const known = this.verifying.get(kid);
    if (known) return known;
    if (performance.now() - this.readAtMs >= UNKNOWN_KID_FLOOR_MS) await this.reload();
    return this.verifying.get(kid);
  }

  /** RFC 7517 5. */
  get jwks(): readonly PublicJwk[] {
    if (!this.keys) throw unavailable();
    return this.published;
  }

  /** Reads the keys anew. What is under way may have begun before the change that the caller knows of, so it waits. */
  reload(): Promise<void> {
    this.queued ??= this.reading.then(() => {
      this.queued = undefined;
      const read = this.read();
      this.reading = read.catch(() => undefined);
      return read;
    });
    return this.queued;
  }

  private ready(): true | string {
    const { keys } = this;
    if (!keys) return 'the signing keys are not loaded yet';
    const now = this.clock.now();
    const closed = this.algorithms.find((one) => !this.opened.has(signerOf(keys, one, now)?.kid ?? ''));
    return closed === undefined || `the ${closed} signing key cannot be opened with the master key`;
  }

  private async readAndRepeat(): Promise<void> {
    try {
      await this.reload();
    } catch (error) {
      log('signing-keys').warn({ err: error }, 'signing_keys_not_read');
    }
    if (this.shutdown.stopping) return;
    this.timer = setTimeout(() => void this.readAndRepeat(), this.keys ? KEYS_REREAD_S * 1_000 : RETRY_MS);
  }

  private async read(): Promise<void> {
    const now = this.clock.now();
    this.readAtMs = performance.now();
    const living = await this.rotation.reconcile({ reseal: !this.keys });
    const keys = living.filter((key) => isPublished(key, now));
    const verifying = keys
      .filter(({ algorithm }) => algorithm === SIGNING_ALGORITHM)
      .map((key) => [key.kid, this.verifying.get(key.kid) ?? es256Key(jwkOf(key))] as const);
    this.verifying = new Map(verifying);
    this.opened = this.open(keys);
    this.published = keys.map(jwkOf);
    this.keys = keys;
    this.signers.clear();
    measure(keys, now);
  }

  /** A key that cannot be opened is published all the same: others sign with it. */
  private open(keys: readonly LivingSigningKey[]): Map<string, Signer['sign']> {
    const opened = new Map<string, Signer['sign']>();
    const failures: unknown[] = [];
    for (const { kid, algorithm, sealed } of keys) {
      try {
        const known = this.opened.get(kid);
        opened.set(kid, known ?? jwsSigner(kid, algorithm, signerWith(this.masterKeys.open(sealed, kid), algorithm)));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0)
      log('signing-keys').warn({ err: failures[0], keys: failures.length }, 'signing_keys_not_opened');
    return opened;
  }

  private signerAt(algorithm: SigningAlgorithm, now: Date): Signer {
    if (!this.algorithms.includes(algorithm)) throw new Error(`${algorithm} is not among SIGNING_ALGORITHMS`);
    const keys = this.keys ?? [];
    const sign = this.opened.get(signerOf(keys, algorithm, now)?.kid ?? '');
    if (!sign) throw unavailable();
    const later = keys.filter((key) => key.algorithm === algorithm && key.activeFrom > now);
    const signer = { sign, untilMs: Math.min(...later.map((key) => key.activeFrom.getTime()), Infinity) };
    this.signers.set(algorithm, signer);
    return signer;
  }
}

function unavailable(): Problem {
  return new Problem('dependency-unavailable', { retryAfterSeconds: 1 });
}

/** Compact serialization (RFC 7515 7.1); the header of each `typ` is encoded once. */
function jwsSigner(kid: string, alg: SigningAlgorithm, signInput: (input: Buffer) => Buffer): Signer['sign'] {
  const headers = new Map<string, string>();
  return (typ, claims) => {
    const header = headers.get(typ) ?? encode({ alg, typ, kid });
    headers.set(typ, header);
    const input = `${header}.${encode(claims)}`;
    return `${input}.${signInput(Buffer.from(input)).toString('base64url')}`;
  };
}

function measure(keys: readonly LivingSigningKey[], now: Date): void {
  keysByState.reset();
  activeAge.reset();
  for (const key of keys) {
    const { algorithm, activeFrom } = key;
    const state = stateOf(key, keys, now);
    keysByState.inc({ algorithm, state });
    if (state === 'active') activeAge.set({ algorithm }, Math.max(0, (now.getTime() - activeFrom.getTime()) / 1_000));
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
