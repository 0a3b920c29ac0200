import { Controller } from '@nestjs/common';
import { allTopics } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import { ConsumesBatch } from '@gatehouse/messaging';
import type { RawMessage } from '@gatehouse/messaging';
import { RecordEntries } from './record-entries.ts';

/** Every topic that the contracts call audited. */
const auditedTopics = allTopics.filter((topic) => topic.audited);

@Controller()
export class OnAuditedEvents {
  constructor(private readonly recordEntries: RecordEntries) {}

  @ConsumesBatch({ topics: auditedTopics })
  async handle(messages: RawMessage[], tx: Tx): Promise<void> {
    await this.recordEntries.run(tx, messages);
  }
}
