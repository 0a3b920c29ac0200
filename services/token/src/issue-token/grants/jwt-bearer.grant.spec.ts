import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReplayedIds } from '@gatehouse/authn';
import { Problem } from '@gatehouse/problem';
import { eventually } from '@gatehouse/testing';
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';
import type { Form } from '../../browser.spec-support.ts';
import { formOf } from '../../browser.spec-support.ts';
import { DpopKey } from '../../dpop-key.spec-support.ts';
import { PermissionAnswers } from '../../permission-answers.spec-support.ts';
import { WorkloadAssertions } from '../../protocol/workload-assertions.ts';
import { refusalOf, TokenHarness, tokensOf } from '../../token.spec-support.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ISSUER = 'https://ci.example';
const SUBJECT = 'repo:example/engine:ref:refs/heads/main';
const SECRET = 'd'.repeat(43);

let token: TokenHarness;
let permissions: PermissionAnswers;
let key: CryptoKey;
let otherKey: CryptoKey;
let as: string;
let trustedId: string;
const published: { keys: JWK[]; down: boolean; fetches: number } = { keys: [], down: false, fetches: 0 };
const keyServer = createServer((_, response) => {
  published.fetches += 1;
  response.writeHead(published.down ? 500 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ keys: published.keys }));
});

const keysUrl = () => `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}`;
const described = (changes: Record<string, unknown> = {}) => ({
  issuer: ISSUER,
  jwks_uri: `${keysUrl()}/jwks`,
  algorithms: ['ES256'],
  subjects: [
    { subject: SUBJECT, client_id: 'deployer', scope: 'deploy read unknown' },
    { subject: 'unable', client_id: 'audit-log' },
    { subject: 'secretive', client_id: 'secretive' },
  ],
  ...changes,
});

beforeAll(async () => {
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  token = await TokenHarness.start('jwt-bearer', { OUTBOUND_ALLOWED: new URL(keysUrl()).host });
  permissions = await PermissionAnswers.start(token.suite);
  const pair = await generateKeyPair('ES256');
  key = pair.privateKey;
  otherKey = (await generateKeyPair('ES256')).privateKey;
  published.keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'k1' }];
  const client = { grant_types: [JWT_BEARER], scopes: ['deploy', 'read', 'admin'], resources: ['audit-log'] };
  await token.seed({
    clients: [
      { ...client, id: 'deployer', token_endpoint_auth_method: 'none' },
      { ...client, id: 'secretive', secret: SECRET },
    ],
  });
  as = await token.adminToken();
  const response = await token.call('POST', '/api/v1/trusted-issuers', { as, json: described() });
  expect(response.status).toBe(201);
  trustedId = ((await response.json()) as { id: string }).id;
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
  keyServer.close();
});

const seconds = () => Math.floor(Date.now() / 1_000);
const claims = (changes: JWTPayload = {}): JWTPayload => ({
  iss: ISSUER,
  sub: SUBJECT,
  aud: token.issuer,
  jti: randomUUID(),
  iat: seconds(),
  exp: seconds() + 300,
  ...changes,
});
const signed = (payload = claims(), header: Partial<JWTHeaderParameters> = {}, by = key) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'JWT', ...header })
    .sign(by, { crit: { surprise: true } });
const present = (assertion: string, changes: Form = {}, client?: { id: string; secret: string }) =>
  token.postForm('/oauth/token', { grant_type: JWT_BEARER, assertion, ...changes }, client);
const change = async (changes: Record<string, unknown>) => {
  const path = `/api/v1/trusted-issuers/${trustedId}`;
  expect((await token.call('PUT', path, { as, json: described(changes) })).status).toBe(200);
};

test('a workload that its issuer vouches for gets a token of its client, without a secret', async () => {
  const response = await present(await signed(), { scope: 'deploy', resource: token.suite.url('audit-log') });
  expect(response.headers.get('cache-control')).toBe('no-store');
  const { claims: made, access_token, ...body } = await tokensOf(response);
  expect(body).toEqual({ token_type: 'Bearer', expires_in: 600, scope: 'deploy' });
  expect(made).toMatchObject({ sub: 'deployer', client_id: 'deployer', aud: token.suite.url('audit-log') });
  expect(made).not.toHaveProperty('grant_id');
  const [fact] = (await token.events({ type: 'token.issued' })).filter(({ data }) => data?.['jti'] === made.jti);
  expect(fact?.data).toMatchObject({ client_id: 'deployer', assertion: { issuer: ISSUER, subject: SUBJECT } });
  expect(fact?.headers).toMatchObject({ ce_actorkind: 'client', ce_actorid: 'deployer' });
  expect(JSON.stringify(fact)).not.toContain(access_token.split('.')[2]);
});

test.each([
  ['the token endpoint', () => `${token.issuer}/oauth/token`],
  ['a list with the issuer alone', () => [token.issuer]],
])('its audience may be %s', async (_, aud) => {
  expect((await present(await signed(claims({ aud: aud() })))).status).toBe(200);
});

test('an assertion is good once; negative control: with the memory off it is good twice', async () => {
  const twice = async () => {
    const assertion = await signed();
    return [(await present(assertion)).status, (await present(assertion)).status];
  };
  expect(await twice()).toEqual([200, 400]);
  const ids = token.part(ReplayedIds);
  const use = ids.use.bind(ids);
  ids.use = () => Promise.resolve(true);
  try {
    expect(await twice()).toEqual([200, 200]);
  } finally {
    ids.use = use;
  }
});

test('while it cannot be told whether it was used, the answer is 503 and no token', async () => {
  const ids = token.part(ReplayedIds);
  const use = ids.use.bind(ids);
  ids.use = () => Promise.reject(new Problem('dependency-unavailable', { retryAfterSeconds: 1 }));
  try {
    const response = await present(await signed());
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await refusalOf(response)).toEqual([503, 'temporarily_unavailable']);
  } finally {
    ids.use = use;
  }
});

test('a scope beyond its mapping, or beyond its client, is refused and does not use the assertion up', async () => {
  const assertion = await signed();
  for (const scope of ['admin', 'unknown', 'openid'])
    expect(await refusalOf(await present(assertion, { scope }))).toEqual([400, 'invalid_scope']);
  const resource = token.suite.url('authorization');
  expect(await refusalOf(await present(assertion, { resource }))).toEqual([400, 'invalid_target']);
  expect((await tokensOf(await present(assertion, { scope: 'read' }))).scope).toBe('read');
});

test.each<[string, () => Promise<string> | string]>([
  ['another key', () => signed(claims(), {}, otherKey)],
  [
    'an algorithm that is not allowed',
    async () => signed(claims(), { alg: 'EdDSA' }, (await generateKeyPair('EdDSA')).privateKey),
  ],
  ['no signature', () => new UnsecuredJWT(claims()).encode()],
  ['no key id', () => signed(claims(), { kid: undefined as unknown as string })],
  ['an unknown key id', () => signed(claims(), { kid: 'k2' })],
  ['a header that we have to understand', () => signed(claims(), { crit: ['surprise'], surprise: 1 })],
  ['the type of an access token', () => signed(claims(), { typ: 'at+jwt' })],
  ['another issuer', () => signed(claims({ iss: 'https://other.example' }))],
  ['an issuer in another spelling', () => signed(claims({ iss: `${ISSUER}/` }))],
  ['a subject that nobody mapped', () => signed(claims({ sub: `${SUBJECT}-evil` }))],
  ['a subject of a client without the grant', () => signed(claims({ sub: 'unable' }))],
  ['an audience of others', () => signed(claims({ aud: 'https://other.example' }))],
  ['an audience of others beside us', () => signed(claims({ aud: [token.issuer, 'https://other.example'] }))],
  ['no audience', () => signed(claims({ aud: undefined }))],
  ['no id', () => signed(claims({ jti: undefined }))],
  ['no expiry', () => signed(claims({ exp: undefined }))],
  ['an expiry that has passed', () => signed(claims({ exp: seconds() - 11 }))],
  ['an expiry far ahead', () => signed(claims({ exp: seconds() + 3_700 }))],
  ['a time of issue that is to come', () => signed(claims({ iat: seconds() + 60 }))],
  ['a beginning that is to come', () => signed(claims({ nbf: seconds() + 60 }))],
  ['no form of a JWT', () => 'surprise'],
  ['an issuer that no database holds', () => signed(claims({ iss: 'https://ci.example\0' }))],
])('%s: invalid_grant with one text, and no token', async (_, assertion) => {
  const before = (await token.events({ type: 'token.issued' })).length;
  const response = await present(await assertion());
  expect(await response.json()).toEqual({
    error: 'invalid_grant',
    error_description: 'the assertion is not one of a workload that is trusted here',
  });
  expect(response.status).toBe(400);
  expect(await token.events({ type: 'token.issued' })).toHaveLength(before);
});

test('a wrong assertion about a client is audited like a wrong secret', async () => {
  await present(await signed(claims(), {}, otherKey));
  const [refusal] = (await token.events({ type: 'client.refused' })).slice(-1);
  expect(refusal?.data).toEqual({ client_id: 'deployer', reason: 'wrong_assertion' });
});

test('negative control: a check that stops at the signature takes an assertion that was made for somebody else', async () => {
  const assertions = token.part(WorkloadAssertions) as unknown as { isForUsOnly: () => boolean }; // -- a mutant
  const foreign = async () =>
    (await present(await signed(claims({ aud: [token.issuer, 'https://o.example'] })))).status;
  expect(await foreign()).toBe(400);
  assertions.isForUsOnly = () => true;
  try {
    expect(await foreign()).toBe(200);
  } finally {
    Reflect.deleteProperty(assertions, 'isForUsOnly');
  }
});

test('a client that shows credentials besides has to be the one that is meant, with the right ones', async () => {
  const about = (sub: string) => signed(claims({ sub }));
  const secretive = { id: 'secretive', secret: SECRET };
  expect((await present(await about('secretive'), {}, secretive)).status).toBe(200);
  expect(await refusalOf(await present(await about('secretive'), {}, { id: 'secretive', secret: 'x' }))).toEqual([
    401,
    'invalid_client',
  ]);
  expect(await refusalOf(await present(await about(SUBJECT), {}, secretive))).toEqual([400, 'invalid_grant']);
  expect(await refusalOf(await present(await about(SUBJECT), { client_id: 'secretive' }))).toEqual([
    400,
    'invalid_grant',
  ]);
  expect(await refusalOf(await token.postForm('/oauth/token', { grant_type: JWT_BEARER }))).toEqual([
    400,
    'invalid_request',
  ]);
});

test('a token is bound to the key of a proof', async () => {
  const own = await DpopKey.make();
  const body = formOf({ grant_type: JWT_BEARER, assertion: await signed() });
  const response = await own.post(`${token.issuer}/oauth/token`, body);
  expect((await tokensOf(response)).claims['cnf']).toEqual({ jkt: own.jkt });
});

test('keys are remembered, a new one is found, and where they cannot be had the answer is 503', async () => {
  const before = published.fetches;
  expect((await present(await signed())).status).toBe(200);
  expect(published.fetches).toBe(before);
  await change({ jwks_uri: `${keysUrl()}/moved` });
  published.down = true;
  try {
    expect(await refusalOf(await present(await signed()))).toEqual([503, 'temporarily_unavailable']);
  } finally {
    published.down = false;
  }
  await eventually(async () => expect((await present(await signed())).status).toBe(200), { within: '10s' });
  await change({});
});

test('a change counts at the next assertion: a subject, an algorithm, the issuer as a whole', async () => {
  const status = async () => (await present(await signed())).status;
  await change({ subjects: [] });
  expect(await status()).toBe(400);
  await change({ algorithms: ['RS256'] });
  expect(await status()).toBe(400);
  await change({});
  expect(await status()).toBe(200);
  await token.call('DELETE', `/api/v1/trusted-issuers/${trustedId}`, { as });
  expect(await status()).toBe(400);
});
