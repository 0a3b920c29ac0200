import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { listResources, resourceRead, type InputOf, type TokenResource } from '@gatehouse/contracts';
import { Endpoint, Input, isPrintable, pageRequest, type ListPage } from '@gatehouse/http';
import { ResourceRecords } from '../store/resources.ts';
import { resourceRepresentation } from './resource-representation.ts';

@Controller()
export class ListResources {
  constructor(private readonly resources: ResourceRecords) {}

  @Endpoint(listResources)
  @RequirePermission(resourceRead)
  async handle(@Input() { query }: InputOf<typeof listResources>): Promise<ListPage<TokenResource>> {
    const { items, next_cursor } = await this.resources.list(pageRequest(query, isPrintable));
    return { items: items.map(resourceRepresentation), next_cursor };
  }
}
