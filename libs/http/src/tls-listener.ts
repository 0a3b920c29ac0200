import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { httpTimeouts, refuseConnection } from './server.ts';
import type { ServiceConfig } from './service-options.ts';

/**
 * The API over TLS on a port of its own (`TLS_PORT`). Every client is asked for a certificate and may show none, or one that
 * nobody issued: who it proves is decided by whoever needs to know. The other port asks nobody, so browsers stay there.
 */
export class TlsListener {
  readonly #server: Server;

  private constructor(
    private readonly config: ServiceConfig,
    fastify: FastifyInstance,
  ) {
    const { TLS_CERT_FILE: cert = '', TLS_KEY_FILE: key = '', TLS_CLIENT_CA_FILE: ca } = config;
    this.#server = createServer(
      {
        ...httpTimeouts(config),
        cert: readFileSync(cert),
        key: readFileSync(key),
        ...(ca !== undefined && { ca: readFileSync(ca) }),
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        // Each connection proves its key itself: a resumed session would repeat what an old handshake found.
        secureOptions: constants.SSL_OP_NO_TICKET,
        requestTimeout: config.REQUEST_TIMEOUT_MS,
        keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT_MS,
      },
      (request, response) => fastify.routing(request, response),
    );
    this.#server.setTimeout(4 * config.REQUEST_TIMEOUT_MS).on('clientError', refuseConnection);
  }

  /** Null where no `TLS_PORT` is set. Throws where a file cannot be read or is no certificate. */
  static of(config: ServiceConfig, fastify: FastifyInstance): TlsListener | null {
    return config.TLS_PORT === undefined ? null : new TlsListener(config, fastify);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(this.config.TLS_PORT, this.config.HOST, resolve);
    });
  }

  get server(): Server {
    return this.#server;
  }

  get address(): AddressInfo {
    return this.#server.address() as AddressInfo; // -- it listens on TCP
  }
}
