import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { OutboundClient } from '@gatehouse/outbound';
import { TestCertificate } from '@gatehouse/testing';
import { exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import { authorizationPath, locationOf, newPkce, TestBrowser } from '../browser.spec-support.ts';
import { Clock } from '../clock.ts';
import { SweepExpired } from '../sweep-expired/sweep-expired.ts';
import { Permissions, refusalOf, TokenHarness } from '../token.spec-support.ts';

interface Published {
  readonly body: unknown;
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

const certificate = TestCertificate.make({ subject: [['CN', 'apps']], addresses: ['127.0.0.1'] });
const published = new Map<string, Published>();
const asked: string[] = [];
const host = createServer({ cert: certificate.pem, key: certificate.keyPem }, (request, response) => {
  const path = request.url ?? '';
  asked.push(path);
  const { body = {}, status = published.has(path) ? 200 : 404, headers = {} } = published.get(path) ?? {};
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
});

let token: TokenHarness;
let permissions: Permissions;
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  const { port } = host.address() as AddressInfo;
  base = `https://127.0.0.1:${port}`;
  const settings = { CLIENT_ID_METADATA_DOCUMENTS: 'true', OUTBOUND_ALLOWED: `127.0.0.1:${port}` };
  token = await TokenHarness.start('client-id-documents', settings);
  Object.assign(token.part(OutboundClient), { options: { ca: certificate.pem } });
  permissions = await Permissions.start(token.suite);
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
  host.closeAllConnections();
  host.close();
});

const CALLBACK = 'https://app.example/callback';
let last = 0;
/** Publishes a document under a new URL, which is its client id. */
function publish(changes: object = {}, answer: Partial<Published> = {}): string {
  const path = `/clients/${(last += 1)}`;
  const id = base + path;
  const grant_types = ['authorization_code', 'refresh_token'];
  const document = { client_id: id, client_name: 'Notes', redirect_uris: [CALLBACK], grant_types, ...changes };
  published.set(path, { body: document, ...answer });
  return id;
}
const timesAsked = (id: string) => asked.filter((path) => base + path === id).length;
const open = (id: string, redirectUri = CALLBACK, at = token.issuer) =>
  fetch(at + authorizationPath({ id, redirectUri }, newPkce()), { redirect: 'manual' });
const isStored = async (id: string) => (await token.sql('SELECT FROM client WHERE id = $1', [id])).length === 1;
const eventsOf = async (id: string) => (await token.events({ key: id })).map(({ type }) => type);

/** A person logs in and is asked; the page that asks, and where its answer leads. */
async function logIn(url: URL): Promise<{ page: string; callback: URL }> {
  const { email, password } = await token.account();
  const browser = new TestBrowser(token.issuer);
  const toConsent = await browser.submit(await browser.openLogin(url.href), { email, password });
  const page = await (await browser.get(locationOf(toConsent).href)).text();
  return { page, callback: locationOf(await browser.submit(page, { decision: 'allow' })) };
}

describe('a client that is known by its document alone', () => {
  test('works with a certified client, and the person is told whose application it is', async () => {
    const id = publish();
    const configuration = await openid.discovery(new URL(token.issuer), id, undefined, openid.None(), {
      execute: [openid.allowInsecureRequests],
    });
    expect(configuration.serverMetadata()['client_id_metadata_document_supported']).toBe(true);
    const verifier = openid.randomPKCECodeVerifier();
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: CALLBACK,
      scope: 'openid email',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: 's',
    });
    const { page, callback } = await logIn(url);
    expect(page).toContain(`This is an application of <strong>${new URL(base).host}</strong>.`);
    expect(page).toContain('You return to app.example');
    const tokens = await openid.authorizationCodeGrant(configuration, callback, {
      pkceCodeVerifier: verifier,
      expectedState: 's',
    });
    expect(tokens.claims()).toMatchObject({ aud: id });
    const refreshed = await openid.refreshTokenGrant(configuration, tokens.refresh_token ?? '');
    expect(refreshed.claims()?.aud).toBe(id);
    expect(await eventsOf(id)).toEqual(['client.registered']);
  });

  test('proves itself by the key in its document, and by nothing else', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k' }] };
    const id = publish({ token_endpoint_auth_method: 'private_key_jwt', jwks });
    const issuer = new URL(token.issuer);
    const insecure = { [oauth.allowInsecureRequests]: true };
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
    const client: oauth.Client = { client_id: id };
    const parameters = { client_id: id, redirect_uri: CALLBACK, response_type: 'code', scope: 'openid', code_challenge: newPkce().challenge, code_challenge_method: 'S256' }; // prettier-ignore
    const push = async (key: CryptoKey) =>
      oauth.pushedAuthorizationRequest(server, client, oauth.PrivateKeyJwt({ key, kid: 'k' }), parameters, insecure);
    const pushed = await oauth.processPushedAuthorizationResponse(server, client, await push(privateKey));
    expect(pushed.request_uri).toMatch(/^urn:/);
    const { privateKey: stranger } = await generateKeyPair('ES256');
    expect((await push(stranger)).status).toBe(401);
    expect(await refusalOf(await token.postForm('/oauth/par', parameters))).toEqual([401, 'invalid_client']);
  });

  test('gets no tokens of its own, and none by a redirect URI that its document does not have', async () => {
    const id = publish({ grant_types: ['authorization_code', 'client_credentials'] });
    const form = { grant_type: 'client_credentials', client_id: id };
    expect(await refusalOf(await token.postForm('/oauth/token', form))).toEqual([400, 'unauthorized_client']);
    expect((await open(id)).status).toBe(303);
    expect((await open(id, 'https://evil.example/callback')).status).toBe(400);
  });

  test('can be disabled like any other, and its document does not bring it back', async () => {
    const id = publish({}, { headers: { 'cache-control': 'no-store' } });
    expect((await open(id)).status).toBe(303);
    const as = await token.adminToken();
    expect((await token.call('POST', `/api/v1/clients/${encodeURIComponent(id)}/disable`, { as })).status).toBe(200);
    expect((await open(id)).status).toBe(400);
  });
});

describe('a document is refused, for a reason that is told, and nothing is stored', () => {
  test.each<[string, () => string, RegExp]>([
    ['of another client', () => publish({ client_id: `${base}/clients/1` }), /client_id must be the URL/],
    ['with a secret', () => publish({ client_secret: 'x' }), /client_secret must not be there/],
    [
      'by a secret',
      () => publish({ token_endpoint_auth_method: 'client_secret_basic' }),
      /must be none or private_key/,
    ],
    ['without redirect URIs', () => publish({ redirect_uris: [] }), /redirect_uris is required/],
    ['that is too large', () => publish({ client_uri: `https://app.example/${'x'.repeat(2_000)}`, contacts: Array(20).fill('x'.repeat(200)) }), /too large/], // prettier-ignore
    ['that is elsewhere', () => publish({}, { status: 302, headers: { location: '/clients/1' } }), /redirect/],
    ['that is missing', () => `${base}/missing`, /404/],
    ['that is a page', () => publish({}, { headers: { 'content-type': 'text/html' } }), /content type/],
    ['that is no JSON', () => publish({}, { body: '{' }), /not JSON/],
    ['at an address inside', () => 'https://10.0.0.1/client', /cannot be fetched/],
    ['with a fragment', () => `${publish()}#x`, /must not have a fragment/],
    ['in another spelling', () => publish().replace('/clients/', '/x/../clients/'), /must be written as/],
    ['over http', () => publish().replace('https:', 'http:'), /unknown/],
  ])('%s', async (_, make, reason) => {
    const id = make();
    for (const _again of [1, 2]) {
      const response = await open(id);
      expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(reason)]);
    }
    expect(await isStored(id)).toBe(false);
    const form = { grant_type: 'authorization_code', code: 'x', client_id: id };
    expect(await refusalOf(await token.postForm('/oauth/token', form))).toEqual([401, 'invalid_client']);
  });

  test('off by default: nothing is fetched then, and discovery says so', async () => {
    const id = publish();
    const off = await token.another();
    expect(await (await open(id, CALLBACK, off.url)).text()).toContain('client ids that are URLs are not accepted');
    const metadata = (await (await fetch(`${off.url}/.well-known/openid-configuration`)).json()) as object;
    await off.close();
    expect(metadata).toMatchObject({ client_id_metadata_document_supported: false });
    expect(timesAsked(id)).toBe(0);
  }, 30_000);
});

describe('a document is fetched as often as HTTP says', () => {
  test('once while it is fresh, however many ask; at each use where it must not be kept (negative control)', async () => {
    const kept = publish({}, { headers: { 'cache-control': 'max-age=60' } });
    await Promise.all(Array.from({ length: 10 }, () => open(kept)));
    await open(kept);
    expect(timesAsked(kept)).toBe(1);
    const unkept = publish({}, { headers: { 'cache-control': 'no-store' } });
    for (const _ of [1, 2, 3]) await open(unkept);
    expect(timesAsked(unkept)).toBe(3);
  });

  test('what it changes counts then, and is told once', async () => {
    const id = publish({}, { headers: { 'cache-control': 'no-cache' } });
    expect((await open(id)).status).toBe(303);
    const path = id.slice(base.length);
    const { body, headers = {} } = published.get(path)!;
    published.set(path, { body: { ...(body as object), redirect_uris: ['https://app.example/new'] }, headers });
    expect([(await open(id, 'https://app.example/new')).status, (await open(id)).status]).toEqual([303, 400]);
    expect(await eventsOf(id)).toEqual(['client.registered', 'client.changed']);
  });

  test('a failure is not remembered, and what was known before does not stand in for it', async () => {
    const id = publish({}, { headers: { 'cache-control': 'no-store' } });
    const path = id.slice(base.length);
    const good = published.get(path)!;
    expect((await open(id)).status).toBe(303);
    published.set(path, { body: {}, status: 500 });
    expect((await open(id)).status).toBe(400);
    published.set(path, good);
    expect((await open(id)).status).toBe(303);
  });
});

test('a client that holds nothing is forgotten after a day, with an event; one that somebody allowed stays', async () => {
  const [idle, allowed] = [publish(), publish()];
  await open(idle);
  await logIn(new URL(token.issuer + authorizationPath({ id: allowed, redirectUri: CALLBACK }, newPkce())));
  const clock = token.part(Clock);
  const now = clock.now.bind(clock);
  clock.now = () => new Date(now().getTime() + 86_400_000 + 60_000);
  await token.part(SweepExpired).run().finally(() => (clock.now = now)); // prettier-ignore
  expect([await isStored(idle), await isStored(allowed)]).toEqual([false, true]);
  expect(await eventsOf(idle)).toContain('client.removed');
});
