import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { clientManage, createClient, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { TokenSettings } from '../config.ts';
import { ClientRegistry } from '../protocol/client-registry.ts';
import { SectorIdentifiers } from '../protocol/sector-identifiers.ts';
import { withSecret } from './client-resource.ts';
import { describedClient } from './described-client.ts';

@Controller()
export class CreateClient {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly sectors: SectorIdentifiers,
    private readonly settings: TokenSettings,
  ) {}

  @Endpoint(createClient)
  @RequirePermission(clientManage)
  async handle(@Input() { json }: InputOf<typeof createClient>): Promise<OutputOf<typeof createClient>> {
    const by = { registered_by: 'administrator', initial_access_token_id: null } as const;
    const description = await describedClient(json, this.settings, this.sectors);
    return withSecret(await this.registry.register(description, by));
  }
}
