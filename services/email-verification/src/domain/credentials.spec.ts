import { verificationCode } from '@gatehouse/contracts';
import { CredentialKey } from './credentials.ts';

const key = new CredentialKey(Buffer.alloc(32, 7));
const [first, second] = ['0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05', '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a06'] as const;
const messageId = (n: number) => `0198f0c1-7a52-7c3e-9a60-${n.toString(16).padStart(12, '0')}`;

test('a message carries the same code and token however often it is sent, and another message carries others', () => {
  expect(key.derive(first)).toEqual(key.derive(first));
  expect(key.derive(second)).not.toEqual(key.derive(first));
  expect(new CredentialKey(Buffer.alloc(32, 8)).derive(first)).not.toEqual(key.derive(first));
});

test('a code is 8 characters of an alphabet of 32, each of them as likely as the others', () => {
  const codes = Array.from({ length: 4_000 }, (_, n) => key.derive(messageId(n)).code);
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
  const counts = Map.groupBy(codes.join(''), (character) => character);
  expect(counts.size).toBe(32);
  // 32,000 characters, 1,000 expected of each; 5 sigma are 156.
  for (const found of counts.values()) expect(Math.abs(found.length - 1_000)).toBeLessThan(160);
  expect(new Set(codes).size).toBe(codes.length);
});

test('a link token has 256 bits in base64url', () => {
  expect(Buffer.from(key.derive(first).token, 'base64url')).toHaveLength(32);
});

test('a code is read as people type it', () => {
  const { code } = key.derive(first);
  const spaced = ` ${code.slice(0, 4).toLowerCase()} - ${code.slice(4)} `;
  expect(verificationCode.parse(spaced)).toBe(code);
  expect(verificationCode.parse('ilOo-0101')).toBe('11000101');
  for (const typed of ['', '1234567', '123456789', '1234567U', '12345678'.repeat(9)])
    expect(verificationCode.safeParse(typed).success).toBe(false);
});

test('a proof belongs to one flow and one kind of credential, and does not contain the credential', () => {
  const { code, token } = key.derive(first);
  const proofs = [
    key.codeProof(first, code),
    key.codeProof(second, code),
    key.linkProof(first, token),
    key.linkProof(first, code),
  ].map((proof) => proof.toString('hex'));
  expect(new Set(proofs).size).toBe(4);
  expect(proofs.join()).not.toContain(Buffer.from(code).toString('hex'));
});
