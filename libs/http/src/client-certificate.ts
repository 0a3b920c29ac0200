import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BlockList, isIPv6 } from 'node:net';
import { TLSSocket } from 'node:tls';
import { log } from '@gatehouse/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { currentRequest } from './answer-header.ts';
import type { ServiceConfig } from './service-options.ts';

/** What a client showed in its TLS handshake, with us or with a trusted proxy; its owner had the private key there. */
export interface ClientCertificate {
  readonly x509: X509Certificate;
  /** RFC 8705 3.1: base64url of the SHA-256 of the DER, as `cnf` has it. */
  readonly thumbprint: string;
  /** Whether one of `TLS_CLIENT_CA_FILE` issued it for a client; a self-signed one is never. */
  readonly issued: boolean;
}

const CLIENT_USAGE = '1.3.6.1.5.5.7.3.2';

const sources = new WeakMap<FastifyRequest, ClientCertificates>();

/** The certificate of whoever sent a request; null where none was shown, or none can be known. */
export function clientCertificateOf(request: FastifyRequest): ClientCertificate | null {
  return sources.get(request)?.of(request) ?? null;
}

/** The same of the request being handled. */
export function clientCertificate(): ClientCertificate | null {
  const request = currentRequest();
  return request ? clientCertificateOf(request) : null;
}

export function useClientCertificates(fastify: FastifyInstance, config: ServiceConfig): void {
  if (config.TLS_PORT === undefined && config.CLIENT_CERTIFICATE_HEADER === undefined) return;
  const certificates = new ClientCertificates(config);
  fastify.addHook('onRequest', (request, _reply, done) => {
    sources.set(request, certificates);
    done();
  });
}

/**
 * Where the certificates of clients come from: our own TLS connection or, behind a proxy that ends TLS, its header. The
 * header counts from `TRUSTED_PROXIES` only, and on a connection of theirs nothing else does: its certificate is the proxy's.
 */
class ClientCertificates {
  readonly #header: string | undefined;
  readonly #proxies = new BlockList();
  readonly #authorities: readonly X509Certificate[];
  readonly #ofSocket = new WeakMap<TLSSocket, ClientCertificate | null>();
  readonly #ofRequest = new WeakMap<FastifyRequest, ClientCertificate | null>();

  constructor(config: ServiceConfig) {
    this.#header = config.CLIENT_CERTIFICATE_HEADER;
    for (const network of config.TRUSTED_PROXIES) {
      const [address = '', bits] = network.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#proxies.addAddress(address, family);
      else this.#proxies.addSubnet(address, Number(bits), family);
    }
    this.#authorities = config.TLS_CLIENT_CA_FILE === undefined ? [] : certificatesIn(config.TLS_CLIENT_CA_FILE);
  }

  of(request: FastifyRequest): ClientCertificate | null {
    const { socket } = request.raw;
    if (!this.#isProxy(socket.remoteAddress)) return socket instanceof TLSSocket ? this.#shown(socket) : null;
    let told = this.#ofRequest.get(request);
    if (told === undefined) this.#ofRequest.set(request, (told = this.#told(request)));
    return told;
  }

  #isProxy(address: string | undefined): boolean {
    return address !== undefined && this.#proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }

  #shown(socket: TLSSocket): ClientCertificate | null {
    let shown = this.#ofSocket.get(socket);
    if (shown !== undefined) return shown;
    const x509 = socket.getPeerX509Certificate();
    // Without authorities of our own the system's would have been asked, and they know servers.
    shown = x509 ? described(x509, this.#authorities.length > 0 && socket.authorized) : null;
    this.#ofSocket.set(socket, shown);
    return shown;
  }

  /** The proxy may have let through whatever was shown, so who issued it is looked at here. */
  #told({ headers }: FastifyRequest): ClientCertificate | null {
    const value = this.#header === undefined ? undefined : headers[this.#header];
    if (value === undefined || value === '') return null;
    try {
      const x509 = parsed(String(value));
      return described(
        x509,
        this.#authorities.some((authority) => hasIssued(authority, x509)),
      );
    } catch (error) {
      log('http').warn({ err: error }, 'client_certificate_unreadable');
      return null;
    }
  }
}

/** RFC 9440 2.1, a byte sequence of RFC 8941 3.3.5; or PEM in URL encoding, which nginx sends. */
function parsed(value: string): X509Certificate {
  const base64 = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(value)?.[1];
  if (base64 !== undefined) return new X509Certificate(Buffer.from(base64, 'base64'));
  if (!/^-----BEGIN(?:%20| |\+)CERTIFICATE-----/.test(value)) throw new Error('the header is no certificate');
  return new X509Certificate(decodeURIComponent(value));
}

function described(x509: X509Certificate, issued: boolean): ClientCertificate {
  return { x509, thumbprint: createHash('sha256').update(x509.raw).digest('base64url'), issued };
}

function hasIssued(authority: X509Certificate, x509: X509Certificate): boolean {
  if (!authority.ca || x509.fingerprint256 === authority.fingerprint256) return false;
  const usages = (x509.keyUsage as string[] | undefined) ?? [CLIENT_USAGE]; // -- undefined where it is not restricted
  return usages.includes(CLIENT_USAGE) && x509.checkIssued(authority) && x509.verify(authority.publicKey);
}

/** Throws, so that the service does not start, where the file has none or something else. */
function certificatesIn(path: string): X509Certificate[] {
  const found = readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new Error(`${path} has no certificate`);
  return found.map((pem) => new X509Certificate(pem));
}
