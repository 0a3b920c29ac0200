import { generateKeyPairSync, hash, randomUUID, type JsonWebKey, sign } from 'node:crypto';
import { auditReadAll, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { AuditLogUnderTest } from '../audit-log.spec-support.ts';

const path = '/api/v1/audit/entries';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { kty, crv, x, y } = publicKey.export({ format: 'jwk' }) as Required<JsonWebKey>;
const jkt = hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');

let audit: AuditLogUnderTest;
let token: string;
beforeAll(async () => {
  audit = await AuditLogUnderTest.start('list-entries-dpop');
  audit.permissions.grant('auditor', PLATFORM_ORGANIZATION_ID, auditReadAll.name);
  token = await audit.issuer.token({
    audience: audit.suite.url('audit-log'),
    subject: 'auditor',
    claims: { cnf: { jkt } },
  });
});
afterAll(() => audit.stop());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
function proofOf(nonce: string | undefined): string {
  const claims = {
    jti: randomUUID(),
    htm: 'GET',
    htu: audit.suite.url('audit-log') + path,
    iat: Date.now() / 1_000,
    nonce,
  };
  const ath = hash('sha256', token, 'base64url');
  const input = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } })}.${encode({ ...claims, ath })}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
async function list(dpop?: string, scheme = 'DPoP') {
  const headers = { authorization: `${scheme} ${token}`, ...(dpop !== undefined && { dpop }) };
  const { status, headers: answered } = await fetch(audit.service.url + path, { headers });
  return { status, nonce: answered.get('dpop-nonce') ?? undefined, challenge: answered.get('www-authenticate') };
}

test('a bound token reads the log with a proof and a nonce of this service, and each proof once', async () => {
  const first = await list(proofOf(undefined));
  expect(first).toMatchObject({ status: 401, challenge: expect.stringContaining('error="use_dpop_nonce"') as string });
  const proof = proofOf(first.nonce);
  expect(await list(proof)).toMatchObject({ status: 200 });
  expect(await list(proof)).toMatchObject({ status: 401 });
});

test('a bound token is refused as Bearer, and without a proof', async () => {
  expect(await list(undefined, 'Bearer')).toMatchObject({ status: 401 });
  expect(await list()).toMatchObject({ status: 401 });
});
