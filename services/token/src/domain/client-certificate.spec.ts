import { clientMetadata } from '@gatehouse/contracts';
import { TestCertificate, type CertificateWish } from '@gatehouse/testing';
import { certificateOf, certifiedKeyFault, isSubject, isValidAt, subjectFault } from './client-certificate.ts';
import { tlsFaults } from './tls-client-registration.ts';

const subject: CertificateWish['subject'] = [
  ['C', 'DE'],
  ['O', 'Acme, "Inc" + Söhne'],
  ['OU', ' # '],
  ['CN', 'app\n=1'],
];
const certificate = TestCertificate.make({
  subject,
  dns: ['app.example', 'x,DNS:evil.example'],
  uris: ['https://app.example/a,b'],
  addresses: ['192.0.2.1', '2001:db8::1'],
  emails: ['app@acme.example'],
});

describe('the subject of a certificate (RFC 8705 2.1.2)', () => {
  test.each<[string, string]>([
    ['tls_client_auth_subject_dn', 'CN=app\\0A\\=1,OU=\\ #\\ ,O=Acme\\, \\"Inc\\" \\+ Söhne,C=DE'],
    [
      'tls_client_auth_subject_dn',
      '2.5.4.3=app\\0a=1, ou=\\20\\23\\20, 2.5.4.10=Acme\\2C \\22Inc\\22 \\2B S\\C3\\B6hne, c=DE',
    ],
    ['tls_client_auth_san_dns', 'app.example'],
    ['tls_client_auth_san_dns', 'APP.example'],
    ['tls_client_auth_san_uri', 'https://app.example/a,b'],
    ['tls_client_auth_san_ip', '192.0.2.1'],
    ['tls_client_auth_san_ip', '2001:0DB8:0:0::1'],
    ['tls_client_auth_san_email', 'app@acme.example'],
  ])('%s %s is that of the certificate', (member, value) => {
    expect(isSubject({ [member]: value }, certificate.x509)).toBe(true);
  });

  test.each<[string, string]>([
    ['the other order', 'C=DE,O=Acme\\, \\"Inc\\" \\+ Söhne,OU=\\ #\\ ,CN=app\\0A\\=1'],
    ['a part of it', 'CN=app\\0A\\=1'],
    ['more than it', 'CN=app\\0A\\=1,OU=\\ #\\ ,O=Acme\\, \\"Inc\\" \\+ Söhne,C=DE,C=DE'],
    ['another case', 'CN=APP\\0A\\=1,OU=\\ #\\ ,O=Acme\\, \\"Inc\\" \\+ Söhne,C=DE'],
    ['two values in one part', 'CN=app\\0A\\=1+OU=\\ #\\ ,O=Acme\\, \\"Inc\\" \\+ Söhne,C=DE'],
  ])('a distinguished name with %s is another one', (_, name) => {
    expect(isSubject({ tls_client_auth_subject_dn: name }, certificate.x509)).toBe(false);
  });

  test.each<[string, string]>([
    ['tls_client_auth_san_dns', 'evil.example'],
    ['tls_client_auth_san_dns', 'sub.app.example'],
    ['tls_client_auth_san_uri', 'https://app.example/a'],
    ['tls_client_auth_san_ip', '192.0.2.10'],
    ['tls_client_auth_san_ip', 'app.example'],
    ['tls_client_auth_san_email', 'app'],
  ])('%s %s is not in it', (member, value) => {
    expect(isSubject({ [member]: value }, certificate.x509)).toBe(false);
  });

  test('negative control: names that are looked for in the printed text are found where there are none', () => {
    expect(certificate.x509.subjectAltName).toContain('DNS:evil.example');
    expect(certificate.x509.subject).toContain('CN=app');
  });

  test('with none registered, or with two, there is no match', () => {
    expect(isSubject({}, certificate.x509)).toBe(false);
    const two = { tls_client_auth_san_dns: 'app.example', tls_client_auth_san_ip: '192.0.2.1' };
    expect(isSubject(two, certificate.x509)).toBe(false);
  });

  test('a value cannot pretend to be another part of the name', () => {
    const forged = TestCertificate.make({ subject: [['CN', 'x\nCN=app']] }).x509;
    expect(isSubject({ tls_client_auth_subject_dn: 'CN=app,CN=x' }, forged)).toBe(false);
    const joined = TestCertificate.make({ subject: [['CN', 'x + O=Acme']] }).x509;
    expect(isSubject({ tls_client_auth_subject_dn: 'CN=x+O=Acme' }, joined)).toBe(false);
  });
});

test('a certificate counts within its time only', () => {
  const { x509 } = certificate;
  expect(isValidAt(x509, new Date())).toBe(true);
  expect(isValidAt(x509, new Date(x509.validToDate.getTime() + 1))).toBe(false);
  expect(isValidAt(x509, new Date(x509.validFromDate.getTime() - 1))).toBe(false);
});

describe('what is registered', () => {
  test.each<[Parameters<typeof subjectFault>[0], string]>([
    ['tls_client_auth_subject_dn', 'app'],
    ['tls_client_auth_subject_dn', ''],
    ['tls_client_auth_subject_dn', 'CN='],
    ['tls_client_auth_subject_dn', 'CN=#04024869'],
    ['tls_client_auth_subject_dn', 'CN=a\\'],
    ['tls_client_auth_subject_dn', 'CN=\\FF'],
    ['tls_client_auth_subject_dn', 'CN="a"'],
    ['tls_client_auth_subject_dn', 'CN=a,,O=b'],
    ['tls_client_auth_san_ip', '192.0.2'],
    ['tls_client_auth_san_dns', '*.app.example'],
    ['tls_client_auth_san_dns', 'https://app.example'],
  ])('%s %s is refused', (member, value) => {
    expect(subjectFault(member, value)).not.toBeNull();
  });

  const jwk = { ...certificate.x509.publicKey.export({ format: 'jwk' }), kty: 'EC' as const };
  const x5c = [certificate.x509.raw.toString('base64')];
  const other = TestCertificate.make({ subject });
  const faultsOf = (given: object, mutualTls: Parameters<typeof tlsFaults>[1] = 'issued') =>
    tlsFaults(clientMetadata.parse(given), mutualTls).map(({ path }) => path.join('.'));

  test("the certificate of a key is the key's own (RFC 7517 4.7)", () => {
    expect(certificateOf({ ...jwk, x5c })?.raw.equals(certificate.x509.raw)).toBe(true);
    expect([certifiedKeyFault(jwk), certifiedKeyFault({ ...jwk, x5c })]).toEqual([null, null]);
    for (const wrong of [[other.x509.raw.toString('base64')], [], ['AAAA'], 'x', [1]])
      expect(certifiedKeyFault({ ...jwk, x5c: wrong })).not.toBeNull();
  });

  test('is whole, and possible at this server', () => {
    const byName = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'app.example' };
    const bySelf = { token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: { keys: [{ ...jwk, x5c }] } };
    expect([faultsOf(byName), faultsOf(bySelf)]).toEqual([[], []]);
    const method = ['token_endpoint_auth_method'];
    expect([faultsOf(byName, 'self_signed'), faultsOf(byName, 'none')]).toEqual([method, method]);
    expect([faultsOf(bySelf, 'self_signed'), faultsOf(bySelf, 'none')]).toEqual([[], method]);
    expect(faultsOf({ ...byName, tls_client_auth_san_ip: '192.0.2.1' })).toEqual(['tls_client_auth_san_dns']);
    expect(faultsOf({ token_endpoint_auth_method: 'tls_client_auth' })).toEqual(['tls_client_auth_subject_dn']);
    expect(faultsOf({ ...bySelf, jwks: { keys: [jwk] } })).toEqual(['jwks']);
    const bound = { tls_client_certificate_bound_access_tokens: true };
    expect([faultsOf(bound), faultsOf(bound, 'none').length]).toEqual([[], 1]);
    expect(faultsOf({ ...bound, dpop_bound_access_tokens: true })).toEqual(Object.keys(bound));
  });
});
