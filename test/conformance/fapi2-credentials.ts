import { exportJWK, generateKeyPair, generateSecret } from 'jose';
import { errorOf, FapiClient, type Differences } from './fapi-client.ts';
import type { Module } from './module.ts';
import { ProofKey, seconds, type JwtChanges } from './proof-key.ts';
import type { Provider } from './provider.ts';

const spoiled = (jwt: string) => `${jwt.slice(0, -8)}AAAAAAAA`;
const withHeader = (header: object) => (jwt: string) =>
  [Buffer.from(JSON.stringify(header)).toString('base64url'), ...jwt.split('.').slice(1)].join('.');
const later = (s: number) => seconds() + s;

/** Modules about private_key_jwt (FAPI 2.0 5.3.2.1, RFC 7523 3). */
export function fapi2Assertions(module: Module, of: () => Provider): void {
  const atTheTokenEndpoint: Record<string, () => Differences['assertion']> = {
    'ensure-client-assertion-in-token-endpoint': () => false,
    'ensure-client-assertion-with-exp-is-5-minutes-in-past-fails': () => ({ claims: { exp: later(-300) } }),
    'ensure-client-assertion-with-wrong-aud-fails': () => ({ claims: { aud: 'https://other.example' } }),
    'ensure-client-assertion-with-no-sub-fails': () => ({ claims: { sub: undefined } }),
  };
  for (const [name, assertion] of Object.entries(atTheTokenEndpoint))
    module(name, async () => {
      const client = await FapiClient.register(of());
      const code = await client.code();
      expect(await errorOf(await client.exchange(code, {}, { assertion: assertion() }))).toEqual([
        401,
        'invalid_client',
      ]);
      expect((await client.exchange(code)).status).toBe(200);
    });

  module('ensure-signed-client-assertion-with-RS256-fails', async () => {
    const client = await FapiClient.register(of(), 'PS256');
    const rs256 = { header: { alg: 'RS256' } };
    expect(await errorOf(await client.push({}, { assertion: rs256, proof: false }))).toEqual([401, 'invalid_client']);
    expect((await client.push()).status).toBe(201);
  });

  module('ensure-invalid-client-assertions-fail', async () => {
    const client = await FapiClient.register(of());
    const invalid: JwtChanges[] = [
      { claims: { jti: undefined } },
      { claims: { exp: undefined } },
      { claims: { iss: 'other' } },
      { claims: { nbf: later(90) } },
      { spoil: spoiled },
      { spoil: withHeader({ alg: 'none' }) },
      { spoil: (jwt) => jwt.split('.').slice(0, 2).join('.') },
    ];
    for (const assertion of invalid)
      expect(await errorOf(await client.push({}, { assertion, proof: false }))).toEqual([401, 'invalid_client']);
    const once = { claims: { jti: 'the same', exp: later(60) } };
    expect((await client.push({}, { assertion: once, proof: false })).status).toBe(201);
    expect(await errorOf(await client.push({}, { assertion: once, proof: false }))).toEqual([401, 'invalid_client']);
  });

  module('par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted', async () => {
    const client = await FapiClient.register(of());
    const claims = { nbf: later(8), iat: later(8) };
    expect((await client.push({}, { assertion: { claims }, proof: false })).status).toBe(201);
  });

  const atPar: Record<string, () => JwtChanges> = {
    'par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails': () => ({
      claims: { nbf: later(70), exp: later(130) },
    }),
    'par-test-array-as-audience-fails': () => ({ claims: { aud: [of().issuer] } }),
    'par-test-par-endpoint-url-as-audience-fails': () => ({ claims: { aud: `${of().issuer}/oauth/par` } }),
    'par-test-token-endpoint-url-as-audience-fails': () => ({ claims: { aud: `${of().issuer}/oauth/token` } }),
  };
  for (const [name, assertion] of Object.entries(atPar))
    module(name, async () => {
      const client = await FapiClient.register(of());
      const response = await client.push({}, { assertion: assertion(), proof: false });
      expect(await errorOf(response)).toEqual([401, 'invalid_client']);
    });
}

/** Modules about DPoP (RFC 9449) and the code that is bound to a key (RFC 9449 10). */
export function fapi2Dpop(module: Module, of: () => Provider): void {
  module('check-dpop-proof-nbf-exp', async () => {
    const client = await FapiClient.register(of());
    const proof = { claims: { nbf: later(0), exp: later(60) } };
    expect((await client.exchange(await client.code(), {}, { proof })).status).toBe(200);
  });

  for (const [name, offset] of [
    ['before', -10],
    ['after', 10],
  ] as const)
    // prettier-ignore
    module(`ensure-dpopproof-with-iat-10seconds-${name}-succeeds`, async () => {
      const client = await FapiClient.register(of());
      const proof = { claims: { iat: later(offset) } };
      expect((await client.exchange(await client.code(), {}, { proof })).status).toBe(200);
    });

  module('ensure-mismatched-dpop-jkt-fails', async () => {
    const [client, other] = [await FapiClient.register(of()), await ProofKey.make()];
    const response = await client.push({ dpop_jkt: other.jkt }, {});
    expect(await errorOf(response)).toEqual([400, 'invalid_dpop_proof']);
  });

  module('ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt', async () => {
    const [client, other] = [await FapiClient.register(of()), await ProofKey.make()];
    const code = await client.code({}, {});
    expect(await errorOf(await client.exchange(code, {}, { proof: other }))).toEqual([400, 'invalid_grant']);
  });

  module('ensure-token-endpoint-fails-with-mismatched-dpop-jkt', async () => {
    const [client, other] = [await FapiClient.register(of()), await ProofKey.make()];
    const code = await client.code({ dpop_jkt: other.jkt });
    expect(await errorOf(await client.exchange(code))).toEqual([400, 'invalid_grant']);
  });

  module('ensure-dpopproof-at-par-endpoint-binding-success', async () => {
    const client = await FapiClient.register(of());
    expect((await client.exchange(await client.code({}, {}))).status).toBe(200);
  });

  module('ensure-dpop-auth-code-binding-success', async () => {
    const client = await FapiClient.register(of());
    expect((await client.exchange(await client.code({ dpop_jkt: client.proofKey.jkt }))).status).toBe(200);
  });

  module('dpop-negative-tests', async () => {
    const client = await FapiClient.register(of());
    const code = await client.code();
    for (const proof of await badProofs())
      expect(await errorOf(await client.exchange(code, {}, { proof }))).toEqual([400, 'invalid_dpop_proof']);
    const { access_token } = (await (await client.exchange(code)).json()) as { access_token: string };
    expect((await client.resource(access_token)).status).toBe(200);
    const atResources = [{ claims: { ath: undefined } }, { claims: { ath: 'a'.repeat(43) } }, await ProofKey.make()];
    for (const proof of [false, ...(await badProofs()), ...atResources] as const)
      expect((await client.resource(access_token, { proof })).status).toBe(401);
    expect((await client.resource(access_token, { scheme: 'Bearer', proof: false })).status).toBe(401);
    const once = { claims: { jti: 'the same' } };
    expect((await client.resource(access_token, { proof: once })).status).toBe(200);
    expect((await client.resource(access_token, { proof: once })).status).toBe(401);
  });
}

/** Proofs with one thing wrong each, wherever they are shown. */
async function badProofs(): Promise<JwtChanges[]> {
  const stranger = await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey);
  const symmetric = await exportJWK(await generateSecret('HS256', { extractable: true }));
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const changed = (header: object) => ({ spoil: withHeader(header) });
  return [
    { claims: { jti: undefined } },
    { claims: { htm: undefined } },
    { claims: { htm: 'PATCH' } },
    { claims: { htu: undefined } },
    { claims: { htu: 'https://other.example/' } },
    { claims: { iat: undefined } },
    { claims: { iat: later(-3_600) } },
    { claims: { iat: later(3_600) } },
    { claims: { exp: later(-300) } },
    { header: { typ: 'JWT' } },
    { header: { jwk: stranger } },
    { header: { jwk: await exportJWK(privateKey) } },
    changed({ typ: 'dpop+jwt', alg: 'none', jwk: stranger }),
    changed({ typ: 'dpop+jwt', alg: 'HS256', jwk: symmetric }),
    { spoil: spoiled },
    { spoil: (proof) => `${proof}, ${proof}` },
    { spoil: () => 'nonsense' },
  ];
}
