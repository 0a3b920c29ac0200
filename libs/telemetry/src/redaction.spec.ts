import { generateKeyPairSync } from 'node:crypto';
import { redactFields, redactText } from './index.ts';

const jwt = 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
const opaque = 'gh_refresh_5Zk2mQ8vT1xR7yL0';
const pem = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;
const privateMember = 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI';

/** What must not be readable, each in a text in which it is likely to come. */
const secretTexts: readonly [string, secret: string, text: string][] = [
  ['a JWT', jwt, `verification of ${jwt} failed`],
  ['an unsigned JWT', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.', 'rejected eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.'],
  ['a JWE', `${jwt}.aaaa.bbbb`, `decryption of ${jwt}.aaaa.bbbb failed`],
  ['an opaque token', opaque, `token ${opaque} is unknown`],
  ['an opaque token in a path', opaque, `GET /verify/0198/${opaque}?x=1`],
  ['a bearer header', 'c29tZS10b2tlbg', 'sent authorization: Bearer c29tZS10b2tlbg=='],
  [
    'a password with quotes in JSON inside JSON',
    'horse battery',
    JSON.stringify({ a: JSON.stringify({ b: '{"password":"a \\"correct\\" horse battery"}' }) }),
  ],
  ['basic credentials', 'ZGVtbzpzZWNyZXQ', 'header Basic ZGVtbzpzZWNyZXQ='],
  ['a DPoP token', 'Kz~8mXK1EalYznwH', 'authorization "DPoP Kz~8mXK1EalYznwH-LC"'],
  ['a password in a form', 'correct+horse', 'body was email=a&password=correct+horse&x=1'],
  ['a client secret in a form', 's3cr3t-value', 'client_id=demo&client_secret=s3cr3t-value'],
  ['a code verifier', 'dBjftJeZ4CVP', 'code_verifier=dBjftJeZ4CVP&grant_type=authorization_code'],
  ['an authorization code in a URL', 'SplxlOBeZQQYbYS6WxSbIA', 'GET /callback?code=SplxlOBeZQQYbYS6WxSbIA&state=x'],
  ['a password in JSON', 'correct horse', '{"email":"x","password":"correct horse"}'],
  ['a password in JSON inside JSON', 'correct horse', JSON.stringify({ body: '{"password":"correct horse"}' })],
  ['a password with quotes in JSON', 'horse battery', '{"new_password":"a \\"correct\\" horse battery"}'],
  ['a mail code in JSON', '493021', '{"flow":"1","code":"493021"}'],
  ['a numeric mail code', '493021', '{"flow":"1","code":493021}'],
  ['a connection string', 'Vq3m8Zt1', 'connect ECONNREFUSED postgres://token:Vq3m8Zt1@db:5432/token'],
  ['an argon2 hash', 'c29tZXNhbHQ', 'hash $argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA did not match'],
  ['a bcrypt hash', 'N9qo8uLOickgx2ZMRZoMye', 'hash $2b$10$N9qo8uLOickgx2ZMRZoMye'],
  ['a private key', pem.split('\n')[1] ?? '', `could not import ${pem}`],
  ['a private key on one line', pem.split('\n')[1] ?? '', JSON.stringify({ key: pem })],
  ['a private JWK', privateMember, JSON.stringify({ kty: 'EC', crv: 'P-256', d: privateMember })],
  ['an e-mail address', 'ada.lovelace@example.com', '550 no such user <ada.lovelace@example.com>'],
];

test.each(secretTexts)('%s is not readable in a text', (_what, secret, text) => {
  expect(text).toContain(secret);
  expect(redactText(text)).not.toContain(secret);
});

const harmless: readonly string[] = [
  '{"code":"ECONNREFUSED","errno":-111}',
  '{"code":"23505","constraint":"account_email_key"}',
  '{"code":"invalid-input","status":400}',
  '{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}',
  'the token was expired, the code was wrong, the secret is missing',
  'POST /oauth/token 200 in 12.5 ms',
  'SELECT * FROM token WHERE id = $1 AND code = $2',
  '{"key_id":"0198f0c2-0000-7000-8000-000000000000","d":"short"}',
  'basic checks passed',
  'Bearer realm="gatehouse", error="invalid_token"',
];

test.each(harmless)('%s stays as it is', (text) => {
  expect(redactText(text)).toBe(text);
});

test('a secret field is masked at any depth, whatever its type and spelling', () => {
  const shown = JSON.stringify(
    redactFields({
      request: {
        headers: { Authorization: ['Bearer', 'a-b-c'], 'Set-Cookie': 'sid=a-b-c', 'x-request-id': 'kept' },
        body: [{ newPassword: { value: 'a-b-c' }, client_secret: 'a-b-c', count: 3 }],
      },
      jwk: { kty: 'OKP', x: 'public', d: 'a-b-c' },
      otp: 123,
    }),
  );
  expect(shown).not.toContain('a-b-c');
  expect(shown).not.toContain('123');
  expect(shown).toContain('"x-request-id":"kept"');
  expect(shown).toContain('"x":"public"');
  expect(shown).toContain('"count":3');
});

test('fields without a secret are the same object, so that most lines are not copied', () => {
  const fields = { route: '/oauth/token', err: new Error('x'), at: new Date(), list: [{ a: 1 }], d: 'not a key' };
  expect(redactFields(fields)).toBe(fields);
});

test('a cycle does not hang the logger', () => {
  const cycle: Record<string, unknown> = { name: 'a' };
  cycle['self'] = cycle;
  expect(JSON.stringify(redactFields(cycle))).toContain('[too deep]');
});

test('a hostile text is redacted in linear time', () => {
  const hostile = ['a.'.repeat(20_000), 'eyJ'.repeat(20_000), `"password":"${'\\"'.repeat(20_000)}`, '@a.'.repeat(20_000), '='.repeat(50_000)]; // prettier-ignore
  const startedAt = performance.now();
  for (const text of hostile) redactText(`${text} Bearer @ $ code= "code":`);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
