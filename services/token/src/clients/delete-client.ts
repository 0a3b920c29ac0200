import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { clientManage, deleteClient, type InputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { ClientRegistry } from '../protocol/client-registry.ts';

@Controller()
export class DeleteClient {
  constructor(private readonly registry: ClientRegistry) {}

  @Endpoint(deleteClient)
  @RequirePermission(clientManage)
  async handle(@Input() { path, headers }: InputOf<typeof deleteClient>): Promise<void> {
    await this.registry.change(path.client_id, async (tx, found) => {
      const client = existing(found);
      requireVersion(client, headers);
      await this.registry.remove(tx, client);
    });
  }
}
