import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import {
  listLogoutDeliveries,
  logoutDeliveryRead,
  type InputOf,
  type LogoutDeliveryResource,
} from '@gatehouse/contracts';
import { Endpoint, Input, isUuid, pageRequest, type ListPage } from '@gatehouse/http';
import { LogoutDeliveries, type LogoutDelivery } from '../store/logout-deliveries.ts';

@Controller()
export class ListLogoutDeliveries {
  constructor(private readonly deliveries: LogoutDeliveries) {}

  @Endpoint(listLogoutDeliveries)
  @RequirePermission(logoutDeliveryRead)
  async handle(@Input() { query }: InputOf<typeof listLogoutDeliveries>): Promise<ListPage<LogoutDeliveryResource>> {
    const filter = { state: query.state, clientId: query.client_id };
    const { items, next_cursor } = await this.deliveries.list(filter, pageRequest(query, isUuid));
    return { items: items.map(resourceOf), next_cursor };
  }
}

function resourceOf(delivery: LogoutDelivery): LogoutDeliveryResource {
  return {
    id: delivery.id,
    client_id: delivery.clientId,
    account_id: delivery.accountId,
    session_id: delivery.sessionId,
    state: delivery.state,
    attempts: delivery.attempts,
    last_status: delivery.lastStatus,
    created_at: delivery.createdAt.toISOString(),
    next_attempt_at: delivery.state === 'queued' ? delivery.nextAttemptAt.toISOString() : null,
    ended_at: delivery.endedAt?.toISOString() ?? null,
  };
}
