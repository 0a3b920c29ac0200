import {
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Service } from '@gatehouse/contracts';
import type { Suite } from '@gatehouse/testing';
import type { PlatformState } from './platform-state.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The issuer's own key: forgeries differ from a good token in one thing only. */
interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: KeyObject;
}

/** Makes tokens of the suite's administrator: good ones, and ones with one thing wrong. */
export class TokenForge {
  private constructor(
    private readonly suite: Suite,
    private readonly key: SigningKey,
  ) {}

  /** Takes the signing key out of the token service's database, as only its operator can. */
  static async open(suite: Suite, state: PlatformState): Promise<TokenForge> {
    const [row] = await state.rows<{ kid: string; sealed: Buffer }>(
      'token',
      `SELECT kid, sealed_private_key AS sealed FROM signing_key
       WHERE algorithm = 'ES256' AND active_from <= now() AND sealed_private_key IS NOT NULL
       ORDER BY active_from DESC LIMIT 1`,
    );
    if (!row) throw new Error('the token service has no signing key');
    const sealingKey = Buffer.from(suite.env('token').SIGNING_KEY_ENCRYPTION_KEY ?? '', 'base64');
    return new TokenForge(suite, { kid: row.kid, privateKey: opened(row.sealed, row.kid, sealingKey) });
  }

  /** A token of the administrator for this service; a good one where nothing is forged. */
  token(service: Service, { header, claims, key = this.key.privateKey }: Forgery = {}): string {
    const content = this.#content(service, header, claims);
    const signature = sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' });
    return `${content}.${signature.toString('base64url')}`;
  }

  expired(service: Service): string {
    return this.token(service, { claims: { exp: seconds() - 1 } });
  }

  /** Signed by somebody else, who says that it is the issuer's key. */
  foreign(service: Service): string {
    return this.token(service, { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey });
  }

  unsigned(service: Service): string {
    return `${this.#content(service, { alg: 'none' })}.`;
  }

  /** An HMAC whose secret is the public key, which everybody knows (RFC 8725 2.1). */
  hmacWithPublicKey(service: Service): string {
    const content = this.#content(service, { alg: 'HS256' });
    const pem = createPublicKey(this.key.privateKey).export({ type: 'spki', format: 'pem' });
    return `${content}.${createHmac('sha256', pem).update(content).digest('base64url')}`;
  }

  #content(service: Service, header?: Forgery['header'], claims?: Forgery['claims']): string {
    const now = seconds();
    const standard = { iss: this.suite.url('token'), aud: [this.suite.url(service)], sub: 'admin', client_id: 'admin' };
    // As if somebody had logged in, for the endpoints that ask for it.
    const times = { iat: now - 60, exp: now + 300, auth_time: now - 60 };
    return [
      { alg: 'ES256', typ: 'at+jwt', kid: this.key.kid, ...header },
      { ...standard, ...times, jti: randomUUID(), ...claims },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}

/** AES-256-GCM as the token service seals: nonce, tag, ciphertext, with the key's id authenticated. */
function opened(sealed: Buffer, kid: string, key: Buffer): KeyObject {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(kid))
    .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return createPrivateKey(Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]));
}
