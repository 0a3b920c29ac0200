import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What arrived at a back-channel logout URI. */
export interface LogoutRequest {
  readonly method: string | undefined;
  readonly contentType: string | undefined;
  readonly form: URLSearchParams;
}

/** The back-channel logout URI of the relying parties: it keeps what it gets and takes all of it. */
export class LogoutReceiver {
  readonly received: LogoutRequest[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<LogoutReceiver> {
    const server = createServer();
    const receiver = new LogoutReceiver(server);
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        const { method, headers } = request;
        receiver.received.push({ method, contentType: headers['content-type'], form: new URLSearchParams(body) });
        response.writeHead(200, { 'cache-control': 'no-store' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get uri(): string {
    return `http://${this.host}/backchannel_logout`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
