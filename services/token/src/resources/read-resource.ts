import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { readResource, resourceRead, type InputOf, type TokenResource } from '@gatehouse/contracts';
import { Endpoint, existing, Input } from '@gatehouse/http';
import { ResourceRecords } from '../store/resources.ts';
import { resourceRepresentation } from './resource-representation.ts';

@Controller()
export class ReadResource {
  constructor(private readonly resources: ResourceRecords) {}

  @Endpoint(readResource)
  @RequirePermission(resourceRead)
  async handle(@Input() { path }: InputOf<typeof readResource>): Promise<TokenResource> {
    return resourceRepresentation(existing(await this.resources.find(path.name)));
  }
}
