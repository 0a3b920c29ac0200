import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { changeResource, resourceManage, type InputOf, type TokenResource } from '@gatehouse/contracts';
import { Endpoint, Input, requireVersion } from '@gatehouse/http';
import { ResourceRegistry } from '../protocol/resource-registry.ts';
import { resourceRepresentation } from './resource-representation.ts';

@Controller()
export class ChangeResource {
  constructor(private readonly registry: ResourceRegistry) {}

  @Endpoint(changeResource)
  @RequirePermission(resourceManage)
  async handle(@Input() { path, headers, json }: InputOf<typeof changeResource>): Promise<TokenResource> {
    const changed = await this.registry.change(path.name, json, (found) => {
      requireVersion(found, headers);
    });
    return resourceRepresentation(changed);
  }
}
