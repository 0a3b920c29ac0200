import { createHmac } from 'node:crypto';
import { TestIssuer } from '@gatehouse/authn/testing';
import { endpoints } from '@gatehouse/contracts';
import { admin, AuthorizationUnderTest } from './authorization.spec-support.ts';
import { Belongings } from './belongings.spec-support.ts';

let authorization: AuthorizationUnderTest;
let belongings: Belongings;
let stranger: TestIssuer;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-401');
  belongings = await Belongings.make(authorization);
  stranger = await TestIssuer.start();
}, 60_000);
afterAll(async () => {
  await stranger.close();
  await authorization.stop();
});

/** Where clients learn how to get a token (RFC 9728 5.1). */
const metadata = () =>
  `resource_metadata="${authorization.suite.url('authorization')}/.well-known/oauth-protected-resource"`;

const own = endpoints
  .filter(({ service, access }) => service === 'authorization' && access !== 'public')
  .map((endpoint) => [endpoint.id, endpoint] as const);

test.each(own)('%s answers nobody without a token, before it looks at the body', async (_, endpoint) => {
  const { status, headers, body } = await authorization.call(endpoint.method, belongings.pathOf(endpoint), {
    as: null,
    ...(endpoint.input.json && { body: 'not even JSON' }),
  });
  expect([status, body['code'], headers.get('www-authenticate')]).toEqual([
    401,
    'unauthenticated',
    `Bearer ${metadata()}, DPoP algs="ES256 PS256 EdDSA Ed25519", ${metadata()}`,
  ]);
});

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Tokens that would be the administrator's if their protection were missing. */
const forgeries: Readonly<Record<string, () => Promise<string>>> = {
  expired: () => authorization.token(admin, { expiresInSeconds: -1 }),
  'of another issuer': () => stranger.token({ audience: authorization.suite.url('authorization'), subject: 'admin' }),
  'of another issuer under our name': () =>
    stranger.token({
      audience: authorization.suite.url('authorization'),
      subject: 'admin',
      claims: { iss: authorization.issuer.url },
      header: { kid: authorization.issuer.currentKey.kid },
    }),
  'for another service': () => authorization.token(admin, { audience: authorization.suite.url('audit-log') }),
  'of another type': () => authorization.token(admin, { header: { typ: 'JWT' } }),
  'with alg none': async () => {
    const [, payload] = (await authorization.token(admin)).split('.');
    return `${base64url({ alg: 'none', typ: 'at+jwt' })}.${payload}.`;
  },
  'with an HMAC made with the public key': async () => {
    const [, payload] = (await authorization.token(admin)).split('.');
    const { publicJwk, kid } = authorization.issuer.currentKey;
    const input = `${base64url({ alg: 'HS256', typ: 'at+jwt', kid })}.${payload}`;
    return `${input}.${createHmac('sha256', JSON.stringify(publicJwk)).update(input).digest('base64url')}`;
  },
};

test.each(Object.keys(forgeries))('a token %s is refused with a challenge, and nothing is created', async (kind) => {
  const token = await forgeries[kind]!();
  const organizations = async () =>
    (await authorization.database.query('SELECT count(*) FROM organization')).rows as unknown[];
  const before = await organizations();
  const { status, headers } = await authorization.call('POST', '/organizations', {
    as: null,
    json: { name: 'Forged' },
    headers: { authorization: `Bearer ${token}` },
  });
  expect(status).toBe(401);
  expect(headers.get('www-authenticate')).toMatch(
    /^Bearer error="invalid_token", error_description="[^"]+", resource_metadata="[^"]+"$/,
  );
  expect(await organizations()).toEqual(before);
});

test.each(['Basic YWRtaW46YWRtaW4=', 'Bearer', 'Bearer ', 'Token abc', 'Bearer a b'])(
  'the header %p holds no token',
  async (header) => {
    const options = { as: null, headers: { authorization: header } };
    expect((await authorization.call('GET', '/organizations', options)).status).toBe(401);
  },
);

test('a token in the query is not looked at', async () => {
  const token = await authorization.token(admin);
  expect((await authorization.call('GET', `/organizations?access_token=${token}`, { as: null })).status).toBe(401);
});

test('the same token with nothing wrong is accepted', async () => {
  expect((await authorization.call('GET', '/organizations')).status).toBe(200);
});
