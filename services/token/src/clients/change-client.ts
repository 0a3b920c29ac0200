import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { changeClient, clientManage, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { TokenSettings } from '../config.ts';
import { ClientRegistry } from '../protocol/client-registry.ts';
import { SectorIdentifiers } from '../protocol/sector-identifiers.ts';
import { withSecret } from './client-resource.ts';
import { describedClient } from './described-client.ts';

@Controller()
export class ChangeClient {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly sectors: SectorIdentifiers,
    private readonly settings: TokenSettings,
  ) {}

  @Endpoint(changeClient)
  @RequirePermission(clientManage)
  async handle(@Input() { path, headers, json }: InputOf<typeof changeClient>): Promise<OutputOf<typeof changeClient>> {
    const description = await describedClient(json, this.settings, this.sectors);
    return this.registry.change(path.client_id, async (tx, found) => {
      const client = existing(found);
      requireVersion(client, headers);
      return withSecret(await this.registry.describe(tx, client, description));
    });
  }
}
