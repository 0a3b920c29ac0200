import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import { calculateJwkThumbprint } from 'jose';
import { dpopAlgorithms, DpopRefused, verifyDpopProof } from '../index.ts';
import type { DpopExpectations } from '../index.ts';
import { ProofMaker, type ProofOptions } from './dpop.spec-support.ts';
import { sameTarget } from './proof-target.ts';

const url = 'https://api.example.com/api/v1/me';
const accessToken = 'header.payload.signature';
const now = Math.floor(Date.now() / 1_000);
let maker: ProofMaker;
beforeAll(async () => {
  maker = await ProofMaker.create();
});

const proofOf = (options: ProofOptions = {}) => maker.proof({ url, accessToken, ...options });
const verify = (proof: DpopExpectations['proof'], expected: Partial<DpopExpectations> = {}) =>
  verifyDpopProof({
    proof,
    method: 'GET',
    url,
    accessToken,
    now,
    algorithms: dpopAlgorithms,
    ageSecondsMax: 60,
    aheadSecondsMax: 10,
    ...expected,
  });

/** Resolves with the refusal; fails where the proof is accepted. */
async function refusalOf(
  proof: DpopExpectations['proof'],
  expected: Partial<DpopExpectations> = {},
): Promise<DpopRefused> {
  const error = await verify(proof, expected).then(
    () => new Error('the proof was accepted'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof DpopRefused) return error;
  throw error;
}
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each(['ES256', 'PS256', 'EdDSA', 'Ed25519'])('a proof by %s tells the thumbprint of its key', async (alg) => {
  const other = await ProofMaker.create(alg);
  const proof = await other.proof({ url, accessToken, nonce: 'n-1', claims: { jti: 'j-1', iat: now } });
  await expect(verify(proof)).resolves.toEqual({
    jkt: await calculateJwkThumbprint(other.publicJwk, 'sha256'),
    jti: 'j-1',
    iat: now,
    nonce: 'n-1',
  });
});

test('RS256 is accepted only where it is listed', async () => {
  const other = await ProofMaker.create('RS256');
  const proof = await other.proof({ url, accessToken });
  expect((await refusalOf(proof)).reason).toBe('The algorithm of the DPoP proof is not accepted.');
  await expect(verify(proof, { algorithms: ['RS256'] })).resolves.toBeDefined();
});

test('a proof is for one of the URLs under which the service is known, and for no other', async () => {
  const urls = ['https://mtls.example.com/api', url];
  await expect(verify(await proofOf(), { url: urls })).resolves.toBeDefined();
  expect((await refusalOf(await proofOf(), { url: urls.slice(0, 1) })).reason).toBe(
    'The DPoP proof was made for another URL.',
  );
});

test('two headers are refused, joined by a comma or not, even where both are good', async () => {
  const [one, two] = [await proofOf(), await proofOf()];
  for (const both of [[one, two], `${one}, ${two}`, `${one},${one}`])
    expect((await refusalOf(both)).reason).toBe('There is more than one DPoP proof.');
  expect((await refusalOf(undefined)).reason).toBe('A DPoP proof is required.');
  await expect(verify([one])).resolves.toBeDefined();
});

test.each([
  ['of another type', { header: { typ: 'JWT' } }, 'The DPoP proof is not of the type dpop+jwt.'],
  ['without a type', { header: { typ: undefined } }, 'The DPoP proof is not of the type dpop+jwt.'],
  ['without a key', { header: { jwk: undefined } }, 'The DPoP proof has no key.'],
  ['without a jti', { claims: { jti: undefined } }, 'The DPoP proof lacks a claim, or has a wrong one.'],
  ['with an empty jti', { claims: { jti: '' } }, 'The DPoP proof lacks a claim, or has a wrong one.'],
  ['with an endless jti', { claims: { jti: 'j'.repeat(257) } }, 'The DPoP proof lacks a claim, or has a wrong one.'],
  ['without a method', { claims: { htm: undefined } }, 'The DPoP proof lacks a claim, or has a wrong one.'],
  ['without a URL', { claims: { htu: undefined } }, 'The DPoP proof lacks a claim, or has a wrong one.'],
  ['without a time', { claims: { iat: undefined } }, 'The DPoP proof lacks a claim, or has a wrong one.'],
  ['for another method', { method: 'POST' }, 'The DPoP proof was made for another method.'],
  ['for the method in another case', { method: 'get' }, 'The DPoP proof was made for another method.'],
  ['for another path', { url: `${url}/x` }, 'The DPoP proof was made for another URL.'],
  ['for another host', { url: 'https://api.example.org/api/v1/me' }, 'The DPoP proof was made for another URL.'],
  ['for another scheme', { url: 'http://api.example.com/api/v1/me' }, 'The DPoP proof was made for another URL.'],
  ['for another token', { accessToken: 'another' }, 'The DPoP proof was made for another access token.'],
  ['for no token', { accessToken: undefined }, 'The DPoP proof was made for another access token.'],
  ['61 seconds old', { claims: { iat: now - 61 } }, 'The DPoP proof is too old.'],
  ['11 seconds in the future', { claims: { iat: now + 11 } }, 'The DPoP proof is from the future.'],
  ['of a clock that is ten minutes late', { claims: { iat: now - 600 } }, 'The DPoP proof is too old.'],
  ['past an expiry of its own', { claims: { exp: now - 1 } }, 'The signature of the DPoP proof is not valid.'],
])('a proof %s is refused, and says so', async (_, options: ProofOptions, reason) => {
  expect(await refusalOf(await proofOf(options))).toMatchObject({ code: 'invalid_dpop_proof', reason });
});

test('the window of time is what the settings say, both ends included', async () => {
  for (const iat of [now - 60, now + 10])
    await expect(verify(await proofOf({ claims: { iat } }))).resolves.toBeDefined();
  const narrow = { ageSecondsMax: 30, aheadSecondsMax: 0 };
  expect((await refusalOf(await proofOf({ claims: { iat: now - 31 } }), narrow)).reason).toBe(
    'The DPoP proof is too old.',
  );
  expect((await refusalOf(await proofOf({ claims: { iat: now + 1 } }), narrow)).reason).toBe(
    'The DPoP proof is from the future.',
  );
});

test('at the token endpoint, where there is no access token yet, no hash of one is asked for', async () => {
  await expect(verify(await maker.proof({ url }), { accessToken: undefined })).resolves.toBeDefined();
});

describe('a server nonce', () => {
  const nonces = { accepts: (nonce: string) => nonce === 'live' };

  test('is asked for where it is missing or no longer live, by a code of its own', async () => {
    for (const nonce of [undefined, 'dead'])
      expect(await refusalOf(await proofOf({ nonce }), { nonces })).toMatchObject({ code: 'use_dpop_nonce' });
    await expect(verify(await proofOf({ nonce: 'live' }), { nonces })).resolves.toMatchObject({ nonce: 'live' });
  });

  test('is told to a client whose clock is wrong, and to nobody whose proof is of another request', async () => {
    expect(await refusalOf(await proofOf({ claims: { iat: 1 } }), { nonces })).toMatchObject({
      code: 'use_dpop_nonce',
    });
    expect(await refusalOf(await proofOf({ method: 'PUT' }), { nonces })).toMatchObject({ code: 'invalid_dpop_proof' });
  });
});

describe('the key in the header', () => {
  test('is refused where it is private, though it signed well', async () => {
    const proof = await proofOf({ header: { jwk: maker.privateJwk } });
    expect((await refusalOf(proof)).reason).toBe('The DPoP proof has a private key in it.');
  });

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('is refused with the private member %s', async (member) => {
    const proof = await proofOf({ header: { jwk: { ...maker.publicJwk, [member]: 'AQAB' } } });
    expect((await refusalOf(proof)).reason).toBe('The DPoP proof has a private key in it.');
  });

  test('is the one that must have signed: that of somebody else is refused', async () => {
    const stranger = await ProofMaker.create();
    const proof = await stranger.proof({ url, accessToken, header: { jwk: maker.publicJwk } });
    expect((await refusalOf(proof)).reason).toBe('The signature of the DPoP proof is not valid.');
  });

  test('must fit the algorithm: a key of another type or curve is refused', async () => {
    const [rsa, ed] = [await ProofMaker.create('PS256'), await ProofMaker.create('EdDSA')];
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
    for (const jwk of [rsa.publicJwk, ed.publicJwk, p384 as typeof rsa.publicJwk, { kty: 'oct' }, []])
      expect((await refusalOf(await proofOf({ header: { jwk: jwk as typeof rsa.publicJwk } }))).reason).toBe(
        'The key of the DPoP proof does not fit its algorithm.',
      );
  });

  test.each([1_024, 8_192])('is refused with an RSA modulus of %i bits', async (modulusLength) => {
    const { publicKey } =
      modulusLength === 1_024 ? generateKeyPairSync('rsa', { modulusLength }) : { publicKey: undefined };
    const n = publicKey ? publicKey.export({ format: 'jwk' }).n : randomBytes(modulusLength / 8).toString('base64url');
    const header = base64url({ typ: 'dpop+jwt', alg: 'PS256', jwk: { kty: 'RSA', n, e: 'AQAB' } });
    const proof = `${header}.${(await proofOf()).split('.')[1]}.AAAA`;
    expect((await refusalOf(proof)).reason).toBe('The key of the DPoP proof does not fit its algorithm.');
  });

  test('is the only one that counts: kid, jku, x5u and x5c beside it change nothing', async () => {
    const header = { kid: 'k', jku: 'https://evil.example/jwks', x5u: 'https://evil.example/x', x5c: ['AAAA'] };
    const { jkt } = await verify(await proofOf({ header }));
    expect(jkt).toBe(await calculateJwkThumbprint(maker.publicJwk, 'sha256'));
  });
});

describe('confused algorithms', () => {
  test.each(['none', 'HS256', 'HS512', 'dir', 'es256', ''])('%p is refused', async (alg) => {
    const input = `${base64url({ typ: 'dpop+jwt', alg, jwk: maker.publicJwk })}.${(await proofOf()).split('.')[1]}`;
    const mac = createHmac('sha256', JSON.stringify(maker.publicJwk)).update(input).digest('base64url');
    expect((await refusalOf(`${input}.${mac}`)).reason).toBe('The algorithm of the DPoP proof is not accepted.');
  });

  test('a signature in DER, or by another hash, is refused', async () => {
    const [header, payload] = (await proofOf()).split('.');
    const key = { key: { ...maker.privateJwk }, format: 'jwk' as const };
    const der = sign('sha256', Buffer.from(`${header}.${payload}`), key).toString('base64url');
    const other = sign('sha512', Buffer.from(`${header}.${payload}`), { ...key, dsaEncoding: 'ieee-p1363' });
    for (const signature of [der, other.toString('base64url')])
      expect(await refusalOf(`${header}.${payload}.${signature}`)).toBeInstanceOf(DpopRefused);
  });

  test('an extension that must be understood is refused, and so is an unencoded payload', async () => {
    const [, payload] = (await proofOf()).split('.');
    for (const extra of [{ crit: ['exp'] }, { crit: ['b64'], b64: false }, { crit: [] }]) {
      const header = base64url({ typ: 'dpop+jwt', alg: 'ES256', jwk: maker.publicJwk, ...extra });
      const signature = sign('sha256', Buffer.from(`${header}.${payload}`), {
        key: { ...maker.privateJwk },
        format: 'jwk',
        dsaEncoding: 'ieee-p1363',
      });
      expect(await refusalOf(`${header}.${payload}.${signature.toString('base64url')}`)).toBeInstanceOf(DpopRefused);
    }
  });
});

describe('the parser', () => {
  test.each([
    ['empty', ''],
    ['two parts', 'a.b'],
    ['four parts', 'YQ.YQ.YQ.YQ'],
    ['an empty signature', 'e30.e30.'],
    ['an encrypted JWT', 'e30.e30.e30.e30.e30'],
    ['not JSON', 'YQ.YQ.YQ'],
    ['padding', 'e30=.e30=.e30='],
    ['blanks', ' e30.e30.e30 '],
    ['a header that is no object', 'W10.e30.e30'],
    ['too large', `${'a'.repeat(4_100)}.e30.e30`],
  ])('refuses what is no proof: %s', async (_, text) => {
    expect(await refusalOf(text)).toBeInstanceOf(DpopRefused);
  });

  test('refuses a proof inside of a proof', async () => {
    const inner = await proofOf();
    const payload = Buffer.from(inner).toString('base64url');
    expect((await refusalOf(`${inner.split('.')[0]}.${payload}.${inner.split('.')[2]}`)).reason).toBe(
      'The DPoP proof is not a well-formed JWT.',
    );
    expect(await refusalOf(await proofOf({ header: { cty: 'JWT' }, claims: { htu: inner } }))).toBeInstanceOf(
      DpopRefused,
    );
  });

  test('accepts no mutation of a valid proof', async () => {
    const proof = await proofOf();
    const symbols = 'ABCXYZabcxyz0189-_.=+/ ,"\u00e9'.split('');
    const mutation = fc.record({
      at: fc.nat(proof.length - 1),
      remove: fc.nat(3),
      insert: fc.array(fc.constantFrom(...symbols), { maxLength: 3 }).map((chars) => chars.join('')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const mutated = mutations.reduce(
          (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
          proof,
        );
        fc.pre(mutated !== proof);
        expect(await refusalOf(mutated)).toBeInstanceOf(DpopRefused);
      }),
      { numRuns: 1_000 },
    );
  });

  test('accepts no other spelling of the signature, though a lenient decoder reads the same bytes', async () => {
    const proof = await proofOf();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(proof.at(-1) as string);
    const twin = `${proof.slice(0, -1)}${alphabet[last ^ 1]}`;
    const bytesOf = (text: string) => Buffer.from(text.split('.')[2] as string, 'base64url').toString('hex');
    expect(bytesOf(twin)).toBe(bytesOf(proof));
    expect((await refusalOf(twin)).reason).toBe('The DPoP proof is not a well-formed JWT.');
  });

  test('throws nothing but a refusal, whatever it is given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.json(), fc.json(), async (text, header, payload) => {
        const encode = (json: string) => Buffer.from(json).toString('base64url');
        for (const proof of [text, `${encode(header)}.${encode(payload)}.${encode(text)}`])
          expect(await refusalOf(proof)).toBeInstanceOf(DpopRefused);
      }),
    );
  });
});

describe('targets', () => {
  test.each([
    ['HTTPS://API.Example.com/api/v1/me', url],
    ['https://api.example.com:443/api/v1/me', url],
    ['https://api.example.com/api/v1/me?x=1#y', url],
    ['https://api.example.com/api/./v2/../v1/me', url],
    ['https://api.example.com/%61pi/v1/m%65', url],
    ['https://api.example.com', 'https://api.example.com/'],
    ['https://api.example.com/a%2fb', 'https://api.example.com/a%2Fb'],
    ['http://127.0.0.1:80/a', 'http://127.0.0.1/a'],
  ])('%s is %s', (left, right) => {
    expect(sameTarget(left, right)).toBe(true);
  });

  test.each([
    ['https://api.example.com/api/v1/ME', url],
    ['https://api.example.com/api/v1/me/', url],
    ['https://api.example.com:8443/api/v1/me', url],
    ['https://user@api.example.com/api/v1/me', url],
    ['https:\\\\api.example.com\\api\\v1\\me', url],
    ['https:/api.example.com/api/v1/me', url],
    [' https://api.example.com/api/v1/me', url],
    ['https://api.example.com/api/v1/\tme', url],
    ['https://api.example.com/a%2Fb', 'https://api.example.com/a/b'],
    ['/api/v1/me', url],
    ['', ''],
    ['ftp://api.example.com/', 'ftp://api.example.com/'],
  ])('%j is not %s', (left, right) => {
    expect(sameTarget(left, right)).toBe(false);
  });

  test('are compared the same whatever query and fragment they have', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (full) => {
        expect(sameTarget(full, full.replace(/[?#].*$/s, ''))).toBe(true);
        expect(sameTarget(full, `${full.replace(/[?#].*$/s, '')}x`)).toBe(false);
      }),
    );
  });
});
