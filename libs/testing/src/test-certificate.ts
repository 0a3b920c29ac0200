import { generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface CertificateWish {
  /** Attributes in the order of the certificate, by their RFC 4514 names, e.g. `[['C', 'DE'], ['CN', 'app']]`. */
  readonly subject: readonly (readonly [type: string, value: string])[];
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  readonly addresses?: readonly string[];
  readonly emails?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** A certificate that may sign others. */
  readonly authority?: boolean;
  /** Object ids of the extended key usage; those of TLS servers and clients unless told. */
  readonly usages?: readonly string[];
  /** Who signs it; itself unless told. */
  readonly issuer?: TestCertificate;
}

const HOUR_MS = 3_600_000;
const OIDS: Readonly<Record<string, string>> = {
  C: '2.5.4.6',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  L: '2.5.4.7',
  SERIALNUMBER: '2.5.4.5',
  DC: '0.9.2342.19200300.100.1.25',
};
const TLS_USAGES = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** An X.509 certificate with its P-256 key, made here (RFC 5280 4.1), so that tests need no tool that makes them. */
export class TestCertificate {
  private constructor(
    readonly x509: X509Certificate,
    readonly privateKey: KeyObject,
    private readonly subjectName: Buffer,
  ) {}

  static make(wish: CertificateWish): TestCertificate {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const subject = nameOf(wish.subject);
    const now = Date.now();
    const validity = [wish.notBefore ?? new Date(now - HOUR_MS), wish.notAfter ?? new Date(now + 24 * HOUR_MS)];
    const body = sequence(
      tagged(0xa0, integer(Buffer.from([2]))),
      integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
      ECDSA_SHA256,
      wish.issuer?.subjectName ?? subject,
      sequence(...validity.map(timeOf)),
      subject,
      publicKey.export({ type: 'spki', format: 'der' }),
      tagged(0xa3, sequence(...extensionsOf(wish))),
    );
    const signature = sign('sha256', body, wish.issuer?.privateKey ?? privateKey);
    const der = sequence(body, ECDSA_SHA256, tagged(0x03, Buffer.from([0]), signature));
    return new TestCertificate(new X509Certificate(der), privateKey, subject);
  }

  get pem(): string {
    return this.x509.toString();
  }

  get keyPem(): string {
    return this.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** RFC 9440 2.1. */
  get header(): string {
    return `:${this.x509.raw.toString('base64')}:`;
  }
}

function extensionsOf({
  dns = [],
  uris = [],
  addresses = [],
  emails = [],
  authority,
  usages = TLS_USAGES,
}: CertificateWish) {
  const names = [
    ...emails.map((text) => tagged(0x81, Buffer.from(text))),
    ...dns.map((text) => tagged(0x82, Buffer.from(text))),
    ...uris.map((text) => tagged(0x86, Buffer.from(text))),
    ...addresses.map((text) => tagged(0x87, bytesOfAddress(text))),
  ];
  const critical = Buffer.from([0x01, 0x01, 0xff]);
  return [
    sequence(oid('2.5.29.19'), critical, tagged(0x04, sequence(...(authority ? [critical] : [])))),
    ...(usages.length > 0 && !authority
      ? [sequence(oid('2.5.29.37'), tagged(0x04, sequence(...usages.map(oid))))]
      : []),
    ...(names.length > 0 ? [sequence(oid('2.5.29.17'), tagged(0x04, sequence(...names)))] : []),
  ];
}

function nameOf(subject: CertificateWish['subject']): Buffer {
  const attribute = ([type, value]: readonly [string, string]) =>
    tagged(0x31, sequence(oid(OIDS[type] ?? type), tagged(0x0c, Buffer.from(value, 'utf8'))));
  return sequence(...subject.map(attribute));
}

function bytesOfAddress(text: string): Buffer {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number));
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const missing = Array<string>(8 - groups(head).length - groups(tail).length).fill('0');
  const all = text.includes('::') ? [...groups(head), ...missing, ...groups(tail)] : groups(text);
  return Buffer.concat(all.map((group) => Buffer.from(group.padStart(4, '0'), 'hex')));
}

/** GeneralizedTime. */
function timeOf(instant: Date): Buffer {
  return tagged(0x18, Buffer.from(`${instant.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tagged(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const digits = [arc % 128];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(128 + (left % 128));
  return digits;
}

/** DER: tag, length, contents. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const contents = Buffer.concat(parts);
  const { length } = contents;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), contents]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 + bytes.length]), bytes, contents]);
}
