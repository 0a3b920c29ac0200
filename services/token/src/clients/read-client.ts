import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { clientRead, readClient, type ClientResource, type InputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input } from '@gatehouse/http';
import { ClientRecords } from '../store/client-records.ts';
import { clientResource } from './client-resource.ts';

@Controller()
export class ReadClient {
  constructor(private readonly records: ClientRecords) {}

  @Endpoint(readClient)
  @RequirePermission(clientRead)
  async handle(@Input() { path }: InputOf<typeof readClient>): Promise<ClientResource> {
    return clientResource(existing(await this.records.find(path.client_id)));
  }
}
