import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { clientEnabled, clientManage, enableClient, type ClientResource, type InputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { ClientRegistry } from '../protocol/client-registry.ts';
import { ClientRecords } from '../store/client-records.ts';
import { clientResource } from './client-resource.ts';

@Controller()
export class EnableClient {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly records: ClientRecords,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(enableClient)
  @RequirePermission(clientManage)
  handle(@Input() { path, headers }: InputOf<typeof enableClient>): Promise<ClientResource> {
    return this.registry.change(path.client_id, async (tx, found) => {
      const client = existing(found);
      requireVersion(client, headers);
      if (!client.disabledAt) return clientResource(client);
      const enabled = await this.records.save(tx, { ...client, disabledAt: null });
      await this.outbox.append(tx, clientEnabled, { client_id: client.id });
      return clientResource(enabled);
    });
  }
}
