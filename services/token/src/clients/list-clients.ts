import { Controller } from '@nestjs/common';
import { clientRead, listClients, type ClientResource, type InputOf } from '@gatehouse/contracts';
import { RequirePermission } from '@gatehouse/authorization-client';
import { Endpoint, Input, isPrintable, pageRequest, type ListPage } from '@gatehouse/http';
import { ClientRecords } from '../store/client-records.ts';
import { clientResource } from './client-resource.ts';

@Controller()
export class ListClients {
  constructor(private readonly records: ClientRecords) {}

  @Endpoint(listClients)
  @RequirePermission(clientRead)
  async handle(@Input() { query }: InputOf<typeof listClients>): Promise<ListPage<ClientResource>> {
    const { items, next_cursor } = await this.records.list(pageRequest(query, isPrintable));
    return { items: items.map(clientResource), next_cursor };
  }
}
