import { endpoints, services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { createSuite } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import * as oauth from 'oauth4webapi';
import { startServices, stopServices } from './platform/service-process.ts';
import type { Services } from './platform/service-process.ts';

const http = { [oauth.allowInsecureRequests]: true };

let suite: Suite;
let running: Services;
beforeAll(async () => {
  suite = await createSuite('resource-metadata');
  running = await startServices(suite);
}, 180_000);
afterAll(async () => {
  if (running) await stopServices(running);
  await suite?.dispose();
}, 60_000);

/** A GET endpoint of the service that asks for a token. */
function guardedPath(service: Service): string {
  const guarded = endpoints.find(
    ({ service: of, method, path, access }) =>
      of === service && method === 'GET' && access !== 'public' && access !== 'client' && !path.includes('{'),
  );
  if (!guarded) throw new Error(`${service} has no such endpoint`);
  return guarded.path;
}

test.each(services)(
  'a client that knows only the URL of %s finds out how to get a token for it (RFC 9728)',
  async (service) => {
    const url = suite.url(service);
    const resource = new URL(url);
    const refused = await fetch(url + guardedPath(service));
    const challenge = refused.headers.get('www-authenticate') ?? '';
    const named = /^Bearer resource_metadata="([^"]+)"/.exec(challenge)?.[1];
    expect([refused.status, named]).toEqual([401, `${resource.origin}/.well-known/oauth-protected-resource`]);

    const found = await oauth.resourceDiscoveryRequest(resource, http);
    expect([found.url, found.headers.get('cache-control')]).toEqual([named, 'public, max-age=300']);
    const metadata = await oauth.processResourceDiscoveryResponse(resource, found);
    expect(metadata).toMatchObject({ resource: url, bearer_methods_supported: ['header'] });

    const issuer = new URL(metadata.authorization_servers?.[0] ?? '');
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...http, algorithm: 'oauth2' }),
    );
    const { client_id, secret } = clientNamed('admin');
    const authentication = oauth.ClientSecretBasic(secret);
    const answered = await oauth.clientCredentialsGrantRequest(
      server,
      { client_id },
      authentication,
      { resource: metadata.resource },
      http,
    );
    const { access_token } = await oauth.processClientCredentialsResponse(server, { client_id }, answered);
    const headers = { authorization: `Bearer ${access_token}` };
    expect((await fetch(url + guardedPath(service), { headers })).status).not.toBe(401);
  },
);

function clientNamed(id: string): { client_id: string; secret: string } {
  const client = suite.seed.clients.find((one) => one.id === id);
  if (!client) throw new Error(`no client ${id}`);
  return { client_id: id, secret: client.secret };
}
