import { RedisConnection } from '@gatehouse/cache';
import { loadConfig, Secret, serviceSettings } from '@gatehouse/config';
import { AccessPolicy, createService, type RunningService } from '@gatehouse/http';
import { createSuite, eventually, FaultProxy, TestCertificate, type Suite } from '@gatehouse/testing';
import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { jest } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';
import { ItController, readIt, signIt, writeIt } from './authenticator.spec-support.ts';
import { ProofMaker, type ProofOptions } from './dpop/dpop.spec-support.ts';
import { SupplyNonce } from './dpop/supply-nonce.ts';
import { Authenticator, DpopVerifier, IssuerMetadata, JwksKeySource, LoadedRevocations } from './index.ts';
import {
  ProtectedResource,
  ReplayedIds,
  RevocationFreshness,
  RevocationList,
  TokenAccessPolicy,
  TokenBinding,
  TokenVerifier,
} from './index.ts';
import { TestIssuer } from './testing/index.ts';

/** As callers see it, through a proxy that the service does not know. */
const publicUrl = 'https://api.example.com';
const metadata = 'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"';
const algs = `algs="ES256 PS256 EdDSA Ed25519", ${metadata}`;
let suite: Suite;
let issuer: TestIssuer;
let proxy: FaultProxy;
let redis: RedisConnection;
let keys: JwksKeySource;
let revocations: RevocationList;
let proofs: DpopVerifier;
let service: RunningService;
let client: ProofMaker;
let bound: string;

beforeAll(async () => {
  suite = await createSuite('authenticator');
  issuer = await TestIssuer.start();
  const { port, pathname, username, password } = new URL(suite.env('token').STATE_REDIS_URL ?? '');
  proxy = await FaultProxy.start({ port: Number(port) });
  const server = { host: proxy.host, port: proxy.port, db: Number(pathname.slice(1)), username, password };
  redis = new RedisConnection({ role: 'state', service: 'token', required: false, server });
  await redis.connect();
  keys = new JwksKeySource(new IssuerMetadata(issuer.url));
  await keys.refresh();
  client = await ProofMaker.create();
  bound = await issuer.token({ audience: publicUrl, subject: 'demo', claims: await cnf(client) });
  service = await start();
});
afterAll(async () => {
  await service.close();
  await redis.close();
  await proxy.stop();
  await issuer.close();
  await suite.dispose();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const cnf = async (maker: ProofMaker) => ({ cnf: { jkt: await calculateJwkThumbprint(maker.publicJwk, 'sha256') } });

/** A real service whose callers are authenticated by what is tested here. */
function start({ requireNonce = true, dpop = true, now = Date.now } = {}): Promise<RunningService> {
  const variables = {
    GATEHOUSE_ENV: 'testing',
    PORT: '0',
    ADMIN_PORT: '0',
    SERVICE_URL: publicUrl,
    ISSUER: issuer.url,
    CLIENT_CERTIFICATE_HEADER: 'Client-Cert',
    TRUSTED_PROXIES: '127.0.0.0/8',
  };
  const settings = {
    DPOP_NONCE_KEY: new Secret('the key of this test'),
    DPOP_REQUIRE_NONCE: requireNonce,
    DPOP_PROOF_AGE_SECONDS_MAX: 60,
    DPOP_PROOF_AHEAD_SECONDS_MAX: 10,
  };
  revocations = new RevocationList();
  // Nothing is followed here: the guard knows of a head of zero, which it has applied, for all time.
  const freshness = new RevocationFreshness({ now: () => 0 });
  freshness.headWas(0, 0);
  proofs = new DpopVerifier(publicUrl, settings, new ReplayedIds(redis, 'token', now), now);

  @Module({
    controllers: [ItController],
    providers: [
      LoadedRevocations,
      { provide: RevocationFreshness, useValue: freshness },
      Authenticator,
      {
        provide: TokenVerifier,
        useValue: new TokenVerifier({ issuer: issuer.url, audience: publicUrl }, keys, revocations),
      },
      { provide: TokenBinding, useValue: new TokenBinding(dpop ? proofs : undefined) },
      { provide: ProtectedResource, useValue: new ProtectedResource({ url: publicUrl }) },
      { provide: AccessPolicy, useClass: TokenAccessPolicy },
      { provide: APP_INTERCEPTOR, useClass: SupplyNonce },
    ],
  })
  class TestModule {}

  const config = loadConfig(serviceSettings({ port: 4001, adminPort: 4101 }), variables);
  return createService({ service: 'token', config, module: TestModule, endpoints: [readIt, signIt, writeIt] });
}

const proofOf = (options: ProofOptions = {}, maker = client) =>
  maker.proof({ url: `${publicUrl}/api/v1/it`, accessToken: bound, nonce: proofs.nonces.current(), ...options });

interface Call {
  readonly authorization?: string;
  readonly proof?: string;
  readonly certificate?: TestCertificate;
  readonly method?: string;
  readonly path?: string;
  readonly at?: RunningService;
}
async function call({
  authorization = `DPoP ${bound}`,
  proof,
  certificate,
  method = 'GET',
  path = '/api/v1/it',
  at = service,
}: Call) {
  const headers = {
    authorization,
    ...(proof !== undefined && { dpop: proof }),
    ...(certificate && { 'client-cert': certificate.header }),
  };
  const response = await fetch(`${at.url}${path}`, { method, headers });
  const challenge = response.headers.get('www-authenticate');
  const text = await response.text();
  return {
    status: response.status,
    challenge,
    nonce: response.headers.get('dpop-nonce'),
    headers: response.headers,
    text,
  };
}
const refusedProof = (reason: string) => ({
  status: 401,
  challenge: `DPoP error="invalid_dpop_proof", error_description="${reason}", ${algs}`,
});
const refusedToken = (scheme: string, reason: string) => ({
  status: 401,
  challenge: `${scheme} error="invalid_token", error_description="${reason}", ${scheme === 'DPoP' ? algs : metadata}`,
});

test('a bound token is accepted with a proof of its key, for the URL that callers see', async () => {
  expect(await call({ proof: await proofOf() })).toMatchObject({ status: 200, text: '{"id":"demo"}' });
  expect(await call({ proof: await proofOf(), path: '/api/v1/it?page=2' })).toMatchObject({ status: 200 });
  expect(await call({ authorization: `dpop ${bound}`, proof: await proofOf() })).toMatchObject({ status: 200 });
  expect(await call({ method: 'POST', proof: await proofOf({ method: 'POST' }) })).toMatchObject({ status: 200 });
});

test('a bound token without a proof is refused, by either scheme', async () => {
  expect(await call({})).toMatchObject(refusedProof('A DPoP proof is required.'));
  const reason = 'The token is bound to a key: send it with the DPoP scheme and a proof.';
  expect(await call({ authorization: `Bearer ${bound}` })).toMatchObject(refusedToken('Bearer', reason));
  expect(await call({ authorization: `Bearer ${bound}`, proof: await proofOf() })).toMatchObject({ status: 401 });
});

test('a bearer token is refused by the DPoP scheme, with a good proof or without', async () => {
  const bearer = await issuer.token({ audience: publicUrl, subject: 'demo' });
  const reason = 'The token is not bound to a key: send it with the Bearer scheme.';
  for (const proof of [undefined, await proofOf({ accessToken: bearer })])
    expect(await call({ authorization: `DPoP ${bearer}`, proof })).toMatchObject(refusedToken('DPoP', reason));
  expect(await call({ authorization: `Bearer ${bearer}` })).toMatchObject({ status: 200 });
});

// ASVS 10.3.5
test('a stolen token is of no use: a proof by another key is refused', async () => {
  const thief = await ProofMaker.create();
  const proof = await proofOf({}, thief);
  expect(await call({ proof })).toMatchObject(refusedProof('The DPoP proof was made with another key.'));
});

test.each<[string, ProofOptions, string]>([
  ['another method', { method: 'POST' }, 'The DPoP proof was made for another method.'],
  ['another path', { url: `${publicUrl}/api/v1/that` }, 'The DPoP proof was made for another URL.'],
  [
    'the address behind the proxy',
    { url: 'http://127.0.0.1:4001/api/v1/it' },
    'The DPoP proof was made for another URL.',
  ],
  ['another token', { accessToken: 'another' }, 'The DPoP proof was made for another access token.'],
])('a proof for %s is refused', async (_, options, reason) => {
  expect(await call({ proof: await proofOf(options) })).toMatchObject(refusedProof(reason));
});

test('a host that the request names changes nothing about the URL that a proof is for', async () => {
  const headers = {
    authorization: `DPoP ${bound}`,
    dpop: await proofOf({ url: 'https://evil.example/api/v1/it' }),
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
  };
  expect((await fetch(`${service.url}/api/v1/it`, { headers })).status).toBe(401);
});

test('two DPoP headers are refused', async () => {
  const proof = `${await proofOf()}, ${await proofOf()}`;
  expect(await call({ proof })).toMatchObject(refusedProof('There is more than one DPoP proof.'));
});

test('a proof is good once, also while its token is remembered', async () => {
  const proof = await proofOf();
  expect(await call({ proof })).toMatchObject({ status: 200 });
  const find = jest.spyOn(keys, 'find');
  expect(await call({ proof })).toMatchObject(refusedProof('The DPoP proof was used before.'));
  expect(await call({})).toMatchObject({ status: 401 });
  expect(await call({ proof: await proofOf({}, await ProofMaker.create()) })).toMatchObject({ status: 401 });
  expect(find).not.toHaveBeenCalled();
});

test('of many requests with one proof at the same time, one is answered', async () => {
  const proof = await proofOf();
  const answers = await Promise.all(Array.from({ length: 20 }, () => call({ proof })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
});

test('negative control: without the memory of used proofs the same request passes again and again', async () => {
  jest.spyOn(ReplayedIds.prototype, 'use').mockResolvedValue(true);
  const proof = await proofOf();
  for (let i = 0; i < 3; i += 1) expect(await call({ proof })).toMatchObject({ status: 200 });
});

test('while Redis is away bound tokens get 503 with Retry-After, and bearer tokens are served', async () => {
  const bearer = await issuer.token({ audience: publicUrl, subject: 'demo' });
  const proof = await proofOf();
  expect(await call({ proof })).toMatchObject({ status: 200 });
  proxy.cut();
  for (const one of [proof, await proofOf()]) {
    const { status, headers } = await call({ proof: one });
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  }
  expect(await call({ authorization: `Bearer ${bearer}` })).toMatchObject({ status: 200 });
  proxy.restore();
  await eventually(async () => expect(await call({ proof: await proofOf() })).toMatchObject({ status: 200 }), {
    within: '10s',
  });
});

describe('the server nonce', () => {
  test('is asked for, and given with the refusal', async () => {
    const first = await call({ proof: await proofOf({ nonce: undefined }) });
    expect(first.status).toBe(401);
    expect(first.challenge).toBe(
      `DPoP error="use_dpop_nonce", error_description="The DPoP proof needs a nonce.", ${algs}`,
    );
    const nonce = first.nonce ?? '';
    expect(await call({ proof: await proofOf({ nonce }) })).toMatchObject({ status: 200 });
  });

  test('is replaced with an answer before it is refused, and stays as it is until then', async () => {
    // In the middle of a minute, so that the time that the test takes does not end it.
    let nowMs = Math.floor(Date.now() / 60_000) * 60_000 + 30_000;
    const at = await start({ now: () => nowMs });
    const nonce = proofs.nonces.current();
    const send = async () => call({ at, proof: await proofOf({ nonce, claims: { iat: Math.floor(nowMs / 1_000) } }) });
    expect(await send()).toMatchObject({ status: 200, nonce: null });
    nowMs += 60_000;
    expect(await send()).toMatchObject({ status: 200, nonce: proofs.nonces.current() });
    nowMs += 60_000;
    expect(await send()).toMatchObject({ status: 401, nonce: proofs.nonces.current() });
    await at.close();
  });

  test('is not asked for where the setting says so', async () => {
    const lenient = await start({ requireNonce: false });
    expect(await call({ at: lenient, proof: await proofOf({ nonce: undefined }) })).toMatchObject({ status: 200 });
    await lenient.close();
  });
});

test('a service that does not verify DPoP refuses bound tokens, and offers Bearer only', async () => {
  const plain = await start({ dpop: false });
  for (const scheme of ['Bearer', 'DPoP'])
    expect(await call({ at: plain, authorization: `${scheme} ${bound}`, proof: await proofOf() })).toMatchObject({
      status: 401,
    });
  expect((await call({ at: plain, authorization: 'none' })).challenge).toBe(`Bearer ${metadata}`);
  await plain.close();
});

test.each<[string, Record<string, unknown>]>([
  ['a key of an unknown kind', { jwk: {} }],
  ['nothing', {}],
])('a token that is bound to %s is refused, as nothing here verifies that', async (_, confirmation) => {
  const token = await issuer.token({ audience: publicUrl, subject: 'demo', claims: { cnf: confirmation } });
  for (const scheme of ['Bearer', 'DPoP'])
    expect(
      await call({ authorization: `${scheme} ${token}`, proof: await proofOf({ accessToken: token }) }),
    ).toMatchObject({
      status: 401,
    });
});

test('a token that is bound to a key and a certificate is refused, though the key is proven', async () => {
  const { cnf: key } = await cnf(client);
  const token = await issuer.token({
    audience: publicUrl,
    subject: 'demo',
    claims: { cnf: { ...key, 'x5t#S256': 'a' } },
  });
  expect(await call({ authorization: `DPoP ${token}`, proof: await proofOf({ accessToken: token }) })).toMatchObject({
    status: 401,
  });
});

test('a caller without a token is told both schemes', async () => {
  const response = await fetch(`${service.url}/api/v1/it`);
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([
    401,
    `Bearer ${metadata}, DPoP ${algs}`,
  ]);
});

// ASVS 10.3.4
describe('an endpoint that asks for a strong and recent login (RFC 9470)', () => {
  const now = () => Math.floor(Date.now() / 1_000);
  const login = { acr: 'mfa', auth_time: now() - 60 };
  const tokenOf = (claims: Record<string, unknown>) => issuer.token({ audience: publicUrl, subject: 'demo', claims });
  const sign = async (claims: Record<string, unknown>, path = '/api/v1/it/signature') =>
    call({ method: 'POST', path, authorization: `Bearer ${await tokenOf(claims)}` });
  const challengeOf = (reason: string) =>
    `error="insufficient_user_authentication", error_description="${reason}", acr_values="mfa phr", max_age="600"`;

  test('takes a token of such a login', async () => {
    expect(await sign(login)).toMatchObject({ status: 200 });
    expect(await sign({ ...login, acr: 'phr' })).toMatchObject({ status: 200 });
  });

  const weak = 'A stronger login is required.';
  const old = 'A more recent login is required.';
  test.each<[string, Record<string, unknown>, string]>([
    ['another way of logging in', { ...login, acr: 'pwd' }, weak],
    ['one whose name only begins like that', { ...login, acr: 'mfa phr' }, weak],
    ['a login that nothing is known of', {}, weak],
    ['a login at an unknown time', { acr: 'mfa' }, old],
    ['one that was too long ago', { ...login, auth_time: now() - 660 }, old],
  ])('answers %s with what to ask the authorization server for', async (_, claims, reason) => {
    expect(await sign(claims)).toMatchObject({ status: 401, challenge: `Bearer ${challengeOf(reason)}, ${metadata}` });
  });

  test('negative control: one that does not ask takes each of them', async () => {
    for (const claims of [{ ...login, acr: 'pwd' }, {}, { acr: 'mfa' }, { ...login, auth_time: now() - 660 }])
      expect(await sign(claims, '/api/v1/it')).toMatchObject({ status: 200 });
  });

  test('says so by the scheme of the token', async () => {
    const token = await tokenOf({ ...(await cnf(client)), acr: 'pwd' });
    const url = `${publicUrl}/api/v1/it/signature`;
    const proof = await proofOf({ url, method: 'POST', accessToken: token });
    const answer = await call({ method: 'POST', path: '/api/v1/it/signature', authorization: `DPoP ${token}`, proof });
    expect(answer).toMatchObject({ status: 401, challenge: `DPoP ${challengeOf(weak)}, ${algs}` });
  });

  test('asks at every use, also of a remembered token', async () => {
    const token = await tokenOf({ ...login, auth_time: now() - 598 });
    const again = () => call({ method: 'POST', path: '/api/v1/it/signature', authorization: `Bearer ${token}` });
    expect(await again()).toMatchObject({ status: 200 });
    await eventually(async () => expect(await again()).toMatchObject({ status: 401 }), { within: '10s' });
  });
});

test('a bound token that was revoked or has expired is refused whatever proof it comes with', async () => {
  const old = await issuer.token({ audience: publicUrl, subject: 'demo', claims: { ...(await cnf(client)), exp: 1 } });
  expect(await call({ authorization: `DPoP ${old}`, proof: await proofOf({ accessToken: old }) })).toMatchObject(
    refusedToken('DPoP', 'The token has expired.'),
  );
});

describe('a token that is bound to a certificate (RFC 8705 3)', () => {
  const certificate = TestCertificate.make({ subject: [['CN', 'app']] });
  const another = TestCertificate.make({ subject: [['CN', 'thief']] });
  const hex = certificate.x509.fingerprint256.replaceAll(':', '');
  const x5t = { 'x5t#S256': Buffer.from(hex, 'hex').toString('base64url') };
  const tokenWith = async (confirmation: object, scheme = 'Bearer') =>
    `${scheme} ${await issuer.token({ audience: publicUrl, subject: 'demo', claims: { cnf: confirmation } })}`;

  test('is accepted with that certificate, and stolen it is of no use: without it, or with another one', async () => {
    const authorization = await tokenWith(x5t);
    expect(await call({ authorization, certificate })).toMatchObject({ status: 200 });
    const none = 'The token is bound to a certificate, and the request came without one.';
    expect(await call({ authorization })).toMatchObject(refusedToken('Bearer', none));
    const other = 'The token is bound to another certificate.';
    for (const _ of [1, 2])
      expect(await call({ authorization, certificate: another })).toMatchObject(refusedToken('Bearer', other));
    const dpop = 'The token is bound to a certificate: send it with the Bearer scheme.';
    const byDpop = await tokenWith(x5t, 'DPoP');
    expect(await call({ authorization: byDpop, certificate })).toMatchObject(refusedToken('DPoP', dpop));
  });

  test('negative control: a guard that does not look lets the thief in', async () => {
    jest.spyOn(TokenBinding.prototype, 'check').mockResolvedValue();
    const authorization = await tokenWith(x5t);
    expect(await call({ authorization, certificate: another })).toMatchObject({ status: 200 });
  });

  test('and to a key besides needs both; bound in a way that nobody knows it is refused', async () => {
    const both = { ...x5t, ...(await cnf(client)).cnf };
    const authorization = await tokenWith(both, 'DPoP');
    const proof = () => proofOf({ accessToken: authorization.slice('DPoP '.length) });
    expect(await call({ authorization, proof: await proof(), certificate })).toMatchObject({
      status: 200,
    });
    expect(await call({ authorization, proof: await proof() })).toMatchObject({ status: 401 });
    expect(await call({ authorization, certificate })).toMatchObject({ status: 401 });
    for (const confirmation of [{}, { ...x5t, kid: 'x' }, { 'x5t#S256': 7 }, { 'x5t#S256': null }])
      expect(await call({ authorization: await tokenWith(confirmation), certificate })).toMatchObject({ status: 401 });
  });
});
