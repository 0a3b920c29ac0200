import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { loadConfig, serviceSettings } from '@gatehouse/config';
import { TestCertificate } from '@gatehouse/testing';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { clientCertificate, Endpoint } from './index.ts';
import { endpoint, startTestService, type TestService } from './test-service.spec-support.ts';

const shown = z.object({ thumbprint: z.string(), issued: z.boolean(), subject: z.string() }).nullable();
const read = endpoint({ success: { status: 200, body: z.object({ shown }) } });

@Controller()
class ThingController {
  @Endpoint(read)
  read() {
    const certificate = clientCertificate();
    if (!certificate) return { shown: null };
    const { thumbprint, issued, x509 } = certificate;
    return { shown: { thumbprint, issued, subject: x509.subject } };
  }
}

const authority = TestCertificate.make({ subject: [['CN', 'Clients']], authority: true });
const stranger = TestCertificate.make({ subject: [['CN', 'Clients']], authority: true });
const server = TestCertificate.make({ subject: [['CN', 'localhost']], addresses: ['127.0.0.1'] });
const issuedOne = TestCertificate.make({ subject: [['CN', 'app']], issuer: authority });
const selfSigned = TestCertificate.make({ subject: [['CN', 'app']] });
const ofStranger = TestCertificate.make({ subject: [['CN', 'app']], issuer: stranger });
const forServers = TestCertificate.make({ subject: [['CN', 'app']], issuer: authority, usages: ['1.3.6.1.5.5.7.3.1'] });

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, pem: string) => {
  writeFileSync(join(folder, name), pem);
  return join(folder, name);
};
const tls = {
  TLS_PORT: '0',
  TLS_CERT_FILE: file('tls.crt', server.pem),
  TLS_KEY_FILE: file('tls.key', server.keyPem),
  TLS_CLIENT_CA_FILE: file('ca.crt', authority.pem),
};
const proxied = {
  CLIENT_CERTIFICATE_HEADER: 'Client-Cert',
  TRUSTED_PROXIES: '127.0.0.0/8',
  TLS_CLIENT_CA_FILE: tls.TLS_CLIENT_CA_FILE,
};

const services: TestService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});
async function start(variables: Record<string, string>): Promise<TestService> {
  const service = await startTestService({ controllers: [ThingController], endpoints: [read], variables });
  services.push(service);
  return service;
}

/** Over TLS, with this certificate where one is given; a connection of its own for each. */
async function overTls(service: TestService, client?: TestCertificate, headers: Record<string, string> = {}) {
  const own = client && { cert: client.pem, key: client.keyPem };
  const agent = new Agent({ ca: server.pem, ...own, keepAlive: false });
  return new Promise((resolve, reject) => {
    const request = httpsRequest(`${service.tlsUrl}/thing`, { agent, headers }, (response) => {
      text(response).then((body) => resolve((JSON.parse(body) as { shown: unknown }).shown), reject);
    });
    request.on('error', reject).end();
  });
}
const told = async (service: TestService, value: string) =>
  ((await service.send({ path: '/thing', headers: { 'client-cert': value } })).json as { shown: unknown }).shown;

const seen = (certificate: TestCertificate, issued: boolean) => ({
  thumbprint: expect.stringMatching(/^[\w-]{43}$/) as string,
  issued,
  subject: certificate.x509.subject,
});

describe('over our own TLS', () => {
  test('a client may show a certificate, and only one that an authority of ours issued for clients counts as issued', async () => {
    const service = await start(tls);
    expect(await overTls(service)).toBeNull();
    expect(await overTls(service, issuedOne)).toEqual(seen(issuedOne, true));
    expect(await overTls(service, selfSigned)).toEqual(seen(selfSigned, false));
    expect(await overTls(service, ofStranger)).toEqual(seen(ofStranger, false));
    expect(await overTls(service, forServers)).toEqual(seen(forServers, false));
  });

  test('without authorities of ours nothing counts as issued, whatever the system trusts', async () => {
    const { TLS_CLIENT_CA_FILE: _, ...without } = tls;
    expect(await overTls(await start(without), issuedOne)).toEqual(seen(issuedOne, false));
  });

  test('the thumbprint is that of RFC 8705 3.1', async () => {
    const certificate = (await overTls(await start(tls), selfSigned)) as { thumbprint: string };
    const hex = selfSigned.x509.fingerprint256.replaceAll(':', '');
    expect(certificate.thumbprint).toBe(Buffer.from(hex, 'hex').toString('base64url'));
  });

  test('no header says anything, and on the port without TLS there is no certificate', async () => {
    const service = await start(tls);
    expect(await overTls(service, undefined, { 'client-cert': issuedOne.header })).toBeNull();
    expect(await told(service, issuedOne.header)).toBeNull();
  });

  test('a request that is under way when the service stops is answered', async () => {
    const service = await start({ ...tls, SHUTDOWN_DELAY_MS: '200' });
    const closing = service.close();
    expect(await overTls(service, issuedOne)).toEqual(seen(issuedOne, true));
    await closing;
    await expect(overTls(service, issuedOne)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('behind a proxy that ends TLS (RFC 9440)', () => {
  test('its header says what the client showed; who issued it is looked at here', async () => {
    const service = await start(proxied);
    expect(await told(service, issuedOne.header)).toEqual(seen(issuedOne, true));
    expect(await told(service, encodeURIComponent(issuedOne.pem))).toEqual(seen(issuedOne, true));
    expect(await told(service, selfSigned.header)).toEqual(seen(selfSigned, false));
    expect(await told(service, ofStranger.header)).toEqual(seen(ofStranger, false));
    expect(await told(service, forServers.header)).toEqual(seen(forServers, false));
    expect(await told(service, authority.header)).toEqual(seen(authority, false));
  });

  test('nobody else is believed; negative control: where everybody is trusted, a stolen certificate is believed', async () => {
    const service = await start({ ...proxied, TRUSTED_PROXIES: '10.0.0.0/8' });
    expect(await told(service, issuedOne.header)).toBeNull();
    const trusting = await start({ ...proxied, TRUSTED_PROXIES: '0.0.0.0/1' });
    expect(await told(trusting, issuedOne.header)).toEqual(seen(issuedOne, true));
  });

  test.each(['nonsense', ':AAAA:', issuedOne.header.slice(1), `${issuedOne.header}, ${selfSigned.header}`, ''])(
    'what is no certificate is none',
    async (value) => {
      expect(await told(await start(proxied), value)).toBeNull();
    },
  );

  test("the certificate of the proxy's own connection is nobody's but the proxy's", async () => {
    const service = await start({ ...tls, ...proxied });
    expect(await overTls(service, issuedOne)).toBeNull();
    expect(await overTls(service, issuedOne, { 'client-cert': selfSigned.header })).toEqual(seen(selfSigned, false));
  });
});

test('settings that are not whole are named', () => {
  const load = (variables: Record<string, string>) => () =>
    loadConfig(serviceSettings({ port: 1, adminPort: 2 }), {
      GATEHOUSE_ENV: 'testing',
      SERVICE_URL: 'http://127.0.0.1:1',
      ISSUER: 'http://127.0.0.1:1',
      ...variables,
    });
  expect(load({ TLS_PORT: '4443' })).toThrow(/TLS_CERT_FILE is needed with TLS_PORT[^]*TLS_KEY_FILE is needed/);
  expect(load({ CLIENT_CERTIFICATE_HEADER: 'Client-Cert' })).toThrow('TRUSTED_PROXIES is needed');
  expect(load({ CLIENT_CERTIFICATE_HEADER: 'Client Cert', TRUSTED_PROXIES: '::1' })).toThrow('the name of a header');
  expect(load(tls)).not.toThrow();
});

test('a file that is none keeps the service from starting', async () => {
  const empty = file('empty.crt', 'nothing');
  await expect(start({ ...tls, TLS_CLIENT_CA_FILE: empty })).rejects.toThrow('has no certificate');
  await expect(start({ ...tls, TLS_KEY_FILE: join(folder, 'missing') })).rejects.toThrow('ENOENT');
});
