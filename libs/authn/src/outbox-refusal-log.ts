import { Injectable } from '@nestjs/common';
import { accessDenied, requestsRefused } from '@gatehouse/contracts';
import { RefusalLog } from '@gatehouse/http';
import type { Denial, RefusedRequests } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';

/** Refusals as facts of the audit log: each authenticated denial, and the rest counted per source and minute. */
@Injectable()
export class OutboxRefusalLog extends RefusalLog {
  constructor(private readonly outbox: Outbox) {
    super();
  }

  denied({ organizationId: organization_id, subjectId: subject_id, ...denial }: Denial): Promise<void> {
    return this.outbox.record(accessDenied, { ...denial, organization_id, subject_id });
  }

  refused({ source, windowStart, counts }: RefusedRequests): Promise<void> {
    return this.outbox.record(requestsRefused, { source, window_start: windowStart.toISOString(), counts });
  }
}
