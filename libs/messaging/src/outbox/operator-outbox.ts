import type { Service } from '@gatehouse/contracts';
import type { Database } from '@gatehouse/database';
import { BacklogLimit } from './backlog-limit.ts';
import { FactGroups } from './fact-groups.ts';
import { Outbox } from './outbox.ts';

/**
 * The outbox of `service` for an operator's tool. No backlog limits it, because what an operator does is recorded also
 * while Kafka is away; the running service's relay sends it.
 */
export function operatorOutbox(database: Database, service: Service): Outbox {
  const unlimited = new BacklogLimit({ maxRows: Infinity, maxAgeSeconds: Infinity });
  return new Outbox(service, unlimited, new FactGroups(database));
}
