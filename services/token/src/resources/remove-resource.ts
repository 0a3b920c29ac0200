import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { removeResource, resourceManage, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input, requireVersion } from '@gatehouse/http';
import { ResourceRegistry } from '../protocol/resource-registry.ts';

@Controller()
export class RemoveResource {
  constructor(private readonly registry: ResourceRegistry) {}

  @Endpoint(removeResource)
  @RequirePermission(resourceManage)
  async handle(@Input() { path, headers }: InputOf<typeof removeResource>): Promise<void> {
    await this.registry.remove(path.name, (found) => {
      requireVersion(found, headers);
    });
  }
}
