import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { addResource, resourceManage, type InputOf, type TokenResource } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { ResourceRegistry } from '../protocol/resource-registry.ts';
import { resourceRepresentation } from './resource-representation.ts';

@Controller()
export class AddResource {
  constructor(private readonly registry: ResourceRegistry) {}

  @Endpoint(addResource)
  @RequirePermission(resourceManage)
  async handle(@Input() { json }: InputOf<typeof addResource>): Promise<TokenResource> {
    return resourceRepresentation(await this.registry.add(json));
  }
}
