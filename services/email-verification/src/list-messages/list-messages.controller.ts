import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { listMessages, mailRead, uuid, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { SendQueue, type MessageFate } from '../store/send-queue.ts';

/** The cursor is the id of the last message of a page: ids ascend with time. */
@Controller()
export class ListMessagesController {
  constructor(private readonly queue: SendQueue) {}

  @Endpoint(listMessages)
  @RequirePermission(mailRead)
  async handle(@Input() { query }: InputOf<typeof listMessages>): Promise<OutputOf<typeof listMessages>> {
    const before = query.cursor === undefined ? undefined : readCursor(query.cursor);
    const fates = await this.queue.list({ state: query.state, before, limit: query.limit });
    const last = fates.length < query.limit ? undefined : fates.at(-1);
    return { items: fates.map(toItem), next_cursor: last?.id ?? null };
  }
}

function readCursor(text: string): string {
  const { data } = uuid.safeParse(text);
  if (data) return data;
  throw new Problem('invalid-input', {
    errors: [{ parameter: 'cursor', detail: 'is not a next_cursor of this list' }],
  });
}

function toItem(fate: MessageFate): OutputOf<typeof listMessages>['items'][number] {
  return {
    id: fate.id,
    flow_id: fate.flowId,
    account_id: fate.accountId,
    address_id: fate.addressId,
    purpose: fate.purpose,
    state: fate.state,
    attempts: fate.attempts,
    last_reply: fate.lastReply,
    created_at: fate.createdAt.toISOString(),
    next_attempt_at: fate.state === 'queued' ? fate.nextAttemptAt.toISOString() : null,
    ended_at: fate.endedAt?.toISOString() ?? null,
  };
}
