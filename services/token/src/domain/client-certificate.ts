import { createPublicKey, X509Certificate } from 'node:crypto';
import type { ClientMetadata } from '@gatehouse/contracts';
import { distinguishedName, isSameName, printedSubject } from './distinguished-name.ts';

/** RFC 8705 2.1.2: what a client registers of the certificate that somebody issues to it, one of them. */
export const subjectMembers = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const;
type SubjectMember = (typeof subjectMembers)[number];

/** A JWK as far as its certificates are concerned (RFC 7517 4.7). */
export interface CertifiedKey {
  readonly [member: string]: unknown;
}

export function isValidAt(x509: X509Certificate, now: Date): boolean {
  return x509.validFromDate <= now && now <= x509.validToDate;
}

/** RFC 8705 2.1: whether the certificate is that of the subject that the client registered. Nothing is said about its issuer. */
export function isSubject(metadata: Pick<ClientMetadata, SubjectMember>, x509: X509Certificate): boolean {
  const registered = subjectMembers.filter((member) => metadata[member] !== undefined);
  const [member] = registered;
  const expected = member && metadata[member];
  return registered.length === 1 && expected !== undefined && matches[member as SubjectMember](expected, x509);
}

/** Why a subject's name can match no certificate; null where it can. */
export function subjectFault(member: SubjectMember, expected: string): string | null {
  if (member === 'tls_client_auth_subject_dn' && distinguishedName(expected) === null)
    return 'must be a distinguished name as RFC 4514 writes it, with its values as text';
  if (member === 'tls_client_auth_san_ip' && canonicalAddress(expected) === null) return 'must be an IP address';
  if (member === 'tls_client_auth_san_dns' && !/^[A-Za-z\d]([A-Za-z\d.-]*[A-Za-z\d])?$/.test(expected))
    return 'must be the name of one host';
  return null;
}

/** RFC 8705 2.2: the first of `x5c` is the certificate of the key; null where there is none. */
export function certificateOf(key: CertifiedKey): X509Certificate | null {
  const [first] = Array.isArray(key['x5c']) ? (key['x5c'] as unknown[]) : [];
  if (typeof first !== 'string') return null;
  try {
    return new X509Certificate(Buffer.from(first, 'base64'));
  } catch {
    return null;
  }
}

/** RFC 7517 4.7: why the certificate of a key is not the key's; null where it is, or there is none. */
export function certifiedKeyFault(key: CertifiedKey): string | null {
  if (key['x5c'] === undefined) return null;
  const certificate = certificateOf(key);
  if (!certificate) return 'must have a certificate in x5c';
  try {
    const own = createPublicKey({ key: { ...key }, format: 'jwk' });
    return own.equals(certificate.publicKey) ? null : 'must have a certificate of this very key in x5c';
  } catch {
    return 'is not a valid public key';
  }
}

const matches: Readonly<Record<SubjectMember, (expected: string, x509: X509Certificate) => boolean>> = {
  tls_client_auth_subject_dn: (expected, { subject }) => {
    const [left, right] = [distinguishedName(expected), printedSubject(subject)];
    return left !== null && right !== null && isSameName(left, right);
  },
  tls_client_auth_san_dns: (expected, x509) =>
    alternativeNames(x509, 'DNS').some((name) => name.toLowerCase() === expected.toLowerCase()),
  tls_client_auth_san_uri: (expected, x509) => alternativeNames(x509, 'URI').includes(expected),
  tls_client_auth_san_ip: (expected, x509) => {
    const address = canonicalAddress(expected);
    return address !== null && alternativeNames(x509, 'IP Address').some((one) => canonicalAddress(one) === address);
  },
  tls_client_auth_san_email: (expected, x509) => alternativeNames(x509, 'email').includes(expected),
};

/**
 * The subject alternative names of one kind. Node prints them as `kind:name, kind:name`, a name with anything special as a
 * JSON string. None where the text is something else.
 */
function alternativeNames({ subjectAltName = '' }: X509Certificate, kind: string): string[] {
  const names: string[] = [];
  const entry = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;
  while (entry.lastIndex < subjectAltName.length) {
    const [, found, text] = entry.exec(subjectAltName) ?? [];
    if (found === undefined || text === undefined) return [];
    if (found === kind) names.push(text.startsWith('"') ? (JSON.parse(text) as string) : text);
  }
  return names;
}

/** Of IPv4 or IPv6, in the one spelling that URLs have; null for anything else. */
function canonicalAddress(text: string): string | null {
  if (/^[\da-f.:]+$/i.test(text) && text.includes(':')) return URL.parse(`http://[${text}]`)?.hostname ?? null;
  // The parser reads `192.0.2` as an address too, and says it in full.
  return /^[\d.]+$/.test(text) && URL.parse(`http://${text}`)?.hostname === text ? text : null;
}
