import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestCertificate } from '@gatehouse/testing';

/** Documents of the relying parties that the provider fetches, on https: key sets and lists of redirect URIs. */
export class ClientDocuments {
  private readonly documents = new Map<string, unknown>();
  private constructor(
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async start(): Promise<ClientDocuments> {
    const certificate = TestCertificate.make({ subject: [['CN', 'rp']], addresses: ['127.0.0.1'] });
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-documents-'));
    writeFileSync(join(folder, 'ca.pem'), certificate.pem);
    const server = createServer({ cert: certificate.pem, key: certificate.keyPem });
    const documents = new ClientDocuments(server, folder);
    server.on('request', ({ url = '' }, response) => {
      const document = documents.documents.get(url);
      response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return documents;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What the provider has to trust beside the certificates of the system. */
  get trusted(): string {
    return join(this.folder, 'ca.pem');
  }

  /** @returns where the document is from now on; a further one takes its place at the same URL */
  publish(
    document: unknown,
    path = `/${randomUUID()}`,
  ): { readonly url: string; readonly replace: (next: unknown) => void } {
    this.documents.set(path, document);
    return { url: `https://${this.host}${path}`, replace: (next) => void this.documents.set(path, next) };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true });
  }
}
