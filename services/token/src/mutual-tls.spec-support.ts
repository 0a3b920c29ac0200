import { mkdtempSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { TestCertificate } from '@gatehouse/testing';

/** What an instance that ends TLS itself is set up with; `authority` issues the certificates of its clients. */
export async function mutualTlsSettings(authority: TestCertificate) {
  const server = TestCertificate.make({ subject: [['CN', 'localhost']], addresses: ['127.0.0.1'] });
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-mtls-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const settings = {
    TLS_PORT: String(port),
    TLS_CERT_FILE: file('tls.crt', server.pem),
    TLS_KEY_FILE: file('tls.key', server.keyPem),
    TLS_CLIENT_CA_FILE: file('ca.crt', authority.pem),
    MTLS_URL: url,
  };
  return { settings, url, ca: server.pem, folder };
}

/** `fetch` over connections that show this certificate, where one is given; plain http is what it always was. */
export function fetchWith(ca: string, client?: TestCertificate): typeof fetch {
  return async (input, init) => {
    const given = new Request(input, init);
    if (given.url.startsWith('http:')) return fetch(given);
    const body = Buffer.from(await given.arrayBuffer());
    return new Promise((resolve, reject) => {
      const headers = { ...Object.fromEntries(given.headers), 'content-length': String(body.length) };
      const own = client && { cert: client.pem, key: client.keyPem };
      const options = { method: given.method, headers, ca, ...own, agent: false as const };
      const request = httpsRequest(given.url, options, (response) => {
        buffer(response).then((bytes) => {
          const { statusCode: status = 0, headers: received } = response;
          resolve(
            new Response(bytes.length > 0 ? bytes : null, { status, headers: received as Record<string, string> }),
          );
        }, reject);
      });
      request.on('error', reject).end(body);
    });
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // -- it listens on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}
