import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';

/** What the authorization service would be asked over the network: platform permissions, answered for one subject. */
export class PermissionStub {
  private constructor(private readonly server: Server) {}

  /** Allows `operator` every permission of the platform, and nothing to anybody else. */
  static async start(operator: string): Promise<PermissionStub> {
    const server = createServer((request, response) => {
      void json(request).then((body) => {
        const { user_id, org_id } = body as Record<string, unknown>;
        const allowed = user_id === operator && org_id === PLATFORM_ORGANIZATION_ID;
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ allowed, cache_status: 'cache_miss' }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PermissionStub(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
