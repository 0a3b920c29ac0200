import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { auditRead, readEntry, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { ReadEntry } from './read-entry.ts';

@Controller()
export class ReadEntryController {
  constructor(private readonly readEntry: ReadEntry) {}

  @Endpoint(readEntry)
  @RequirePermission(auditRead)
  async handle(@Input() { path, query }: InputOf<typeof readEntry>): Promise<OutputOf<typeof readEntry>> {
    const found = await this.readEntry.run({ ...path, organizationId: query.org_id });
    return { entry: found.entry, leaf_hash: found.leafHash.toString('base64url'), disclosed: found.disclosed };
  }
}
