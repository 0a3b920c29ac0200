import { sign as signBytes } from 'node:crypto';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT, type CryptoKey } from 'jose';
import { es256Key, type Es256Key } from './es256.ts';
import { Unauthenticated } from './unauthenticated.ts';
import { verifyAccessToken } from './verify-access-token.ts';

const expected = { issuer: 'https://auth.example', audience: 'https://api.example' };
const MALFORMED = 'The token is not a valid access token.';
const reasons = [
  MALFORMED,
  'The token names no key of the issuer.',
  'The signature of the token is not valid.',
  'The algorithm of the token is not accepted.',
  'The token is not an access token.',
];

let privateKey: CryptoKey;
let publicKey: CryptoKey;
let key: Es256Key;
let token: string;
beforeAll(async () => {
  ({ privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true }));
  key = es256Key(await exportJWK(publicKey));
  const now = Math.floor(Date.now() / 1_000);
  const claims = { client_id: 'web', scope: 'openid', cnf: { jkt: 'thumb' }, authorization_details: [{ type: 'a' }] };
  token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k-1' })
    .setIssuer(expected.issuer)
    .setAudience(expected.audience)
    .setSubject('ada')
    .setJti('j-1')
    .setIssuedAt(now)
    .setExpirationTime(now + 3_600)
    .sign(privateKey);
});

const verify = (text: string) =>
  verifyAccessToken(text, expected, { find: (kid) => Promise.resolve(kid === 'k-1' ? key : undefined) });
const encode = (text: string) => Buffer.from(text).toString('base64url');
const signed = async (header: string, payload: string) => {
  const input = `${encode(header)}.${encode(payload)}`;
  const signingKey = { key: await exportJWK(privateKey), format: 'jwk', dsaEncoding: 'ieee-p1363' } as const;
  return `${input}.${signBytes('sha256', Buffer.from(input), signingKey).toString('base64url')}`;
};

/** The refusal; fails where the text is accepted, or where something else is thrown. */
async function refusalOf(text: string): Promise<Unauthenticated> {
  const outcome = await verify(text).catch((thrown: unknown) => thrown);
  if (outcome instanceof Unauthenticated) return outcome;
  throw outcome instanceof Error ? outcome : new Error(`accepted: ${text}`);
}

const changed = () => {
  const symbols = 'ABCXYZabcxyz0189-_.=+/ ,"\n\u00e9'.split('');
  const change = fc.record({
    at: fc.nat(token.length - 1),
    remove: fc.nat(3),
    insert: fc.array(fc.constantFrom(...symbols), { maxLength: 3 }).map((chars) => chars.join('')),
  });
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce((text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove), token),
    )
    .filter((text) => text !== token);
};

test('the token that is changed below is accepted as it is', async () => {
  await expect(verify(token)).resolves.toMatchObject({ kid: 'k-1', principal: { id: 'ada', clientId: 'web' } });
});

// ASVS 9.1.1
test('no token with other characters is accepted, and each is refused with a challenge that discusses no claim', async () => {
  await fc.assert(
    fc.asyncProperty(changed(), async (text) => {
      const { code, challenge, reason } = await refusalOf(text);
      expect([code, challenge.error]).toEqual(['unauthenticated', 'invalid_token']);
      expect(reasons).toContain(reason);
    }),
    { numRuns: 1_000 },
  );
});

test('one bit that flips anywhere in header, payload or signature is enough', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(2), fc.nat(), fc.nat(7), async (part, at, bit) => {
      const parts = token.split('.').map((text) => Buffer.from(text, 'base64url'));
      const bytes = parts[part] ?? Buffer.alloc(0);
      bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
      const { reason } = await refusalOf(parts.map((one) => one.toString('base64url')).join('.'));
      if (part > 0) expect(reason).toBe('The signature of the token is not valid.');
    }),
    { numRuns: 500 },
  );
});

test('parts of valid tokens put together in another way are refused', async () => {
  const other = (await signed('{"alg":"ES256","typ":"at+jwt","kid":"k-1"}', '{}')).split('.');
  const piece = fc.constantFrom(...token.split('.'), ...other, '');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (parts) => {
      fc.pre(parts.join('.') !== token);
      expect(reasons.concat('The token lacks a claim, or has a wrong one.')).toContain(
        (await refusalOf(parts.join('.'))).reason,
      );
    }),
  );
});

test('nothing but a refusal is thrown, whatever is sent, also where the issuer has signed it', async () => {
  const header = fc.json().map((json) => json.replace(/^\{/, '{"alg":"ES256","typ":"at+jwt","kid":"k-1",'));
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), header, fc.json(), async (text, head, payload) => {
      for (const one of [text, `${encode(head)}.${encode(payload)}.${encode(text)}`, await signed(head, payload)])
        await refusalOf(one);
    }),
    { numRuns: 300 },
  );
});

// ASVS 9.2.1
test('claims of another type than theirs, signed by the issuer, are refused and never taken for something', async () => {
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  const required = ['iss', 'aud', 'sub', 'client_id', 'jti', 'iat', 'exp'];
  const wrong = fc.oneof(fc.constantFrom(null, true, '', [], {}, [[]], { a: 1 }), fc.constant(undefined));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...required), wrong, async (name, value) => {
      const text = await signed(
        '{"alg":"ES256","typ":"at+jwt","kid":"k-1"}',
        JSON.stringify({ ...payload, [name]: value }),
      );
      await refusalOf(text);
    }),
  );
});

test('negative control: a lenient decoder takes a second spelling of the signature, and this one does not', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const twin = `${token.slice(0, -1)}${alphabet[alphabet.indexOf(token.at(-1) ?? '') ^ 1]}`;
  await expect(jwtVerify(twin, publicKey)).resolves.toBeDefined();
  expect((await refusalOf(twin)).reason).toBe(MALFORMED);
});
