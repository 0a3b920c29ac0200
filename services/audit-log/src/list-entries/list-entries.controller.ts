import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { auditRead, listEntries, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { ListEntries } from './list-entries.ts';

@Controller()
export class ListEntriesController {
  constructor(private readonly listEntries: ListEntries) {}

  @Endpoint(listEntries)
  @RequirePermission(auditRead)
  async handle(@Input() { query }: InputOf<typeof listEntries>): Promise<OutputOf<typeof listEntries>> {
    const { entries, nextCursor } = await this.listEntries.run(query);
    return {
      entries: entries.map(({ entry, leafHash }) => ({ entry, leaf_hash: leafHash.toString('base64url') })),
      next_cursor: nextCursor,
    };
  }
}
