import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { clientDisabled, clientManage, disableClient, type ClientResource, type InputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { Clock } from '../clock.ts';
import { ClientRegistry } from '../protocol/client-registry.ts';
import { Revoker } from '../protocol/revoker.ts';
import { ClientRecords } from '../store/client-records.ts';
import { clientResource } from './client-resource.ts';

@Controller()
export class DisableClient {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly records: ClientRecords,
    private readonly revoker: Revoker,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  @Endpoint(disableClient)
  @RequirePermission(clientManage)
  handle(@Input() { path, headers }: InputOf<typeof disableClient>): Promise<ClientResource> {
    return this.registry.change(path.client_id, async (tx, found) => {
      const client = existing(found);
      requireVersion(client, headers);
      if (client.disabledAt) return clientResource(client);
      const disabled = await this.records.save(tx, { ...client, disabledAt: this.clock.now() });
      await this.outbox.append(tx, clientDisabled, { client_id: client.id });
      await this.revoker.revokeClient(tx, disabled, 'disabled');
      return clientResource(disabled);
    });
  }
}
