import { createServer, type Server } from 'node:http';
import { json as jsonOf } from 'node:stream/consumers';
import { checkPermission } from '@gatehouse/contracts';
import type { Suite } from '@gatehouse/testing';

/** Stands where the authorization service would, by its contract: a client has the platform permissions that it was given. */
export class PermissionAnswers {
  private readonly given = new Set<string>();
  /** Every question is answered 500. */
  down = false;

  private constructor(private readonly server: Server) {}

  static async start(suite: Suite): Promise<PermissionAnswers> {
    const server = createServer();
    const answers = new PermissionAnswers(server);
    server.on('request', (request, response) => {
      void jsonOf(request).then((body) => {
        const { user_id, subject_type, permission } = checkPermission.input.json.parse(body);
        const allowed = user_id === 'admin' || answers.given.has(`${subject_type} ${user_id} ${permission}`);
        response
          .writeHead(answers.down ? 500 : 200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ allowed, cache_status: 'cache_miss' }));
      });
    });
    const { hostname, port } = new URL(suite.url('authorization'));
    await new Promise<void>((resolve) => server.listen(Number(port), hostname, resolve));
    return answers;
  }

  give(client: string, ...permissions: readonly string[]): void {
    for (const permission of permissions) this.given.add(`client ${client} ${permission}`);
  }

  take(client: string, permission: string): void {
    this.given.delete(`client ${client} ${permission}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
