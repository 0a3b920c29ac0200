import { Controller } from '@nestjs/common';
import { checkPermission } from '@gatehouse/contracts';
import type { InputOf, OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { counter, durationBuckets, histogram } from '@gatehouse/telemetry';
import { PermissionDecider } from '../permission-decider.ts';

const checks = counter({
  name: 'authz_check_total',
  help: 'Permission checks that were answered.',
  labels: ['cache_status'],
});
const duration = histogram({
  name: 'authz_check_duration_seconds',
  help: 'Time from a parsed permission check to its answer.',
  labels: ['cache_status'],
  buckets: durationBuckets,
});

/** Every check reads the database, which `cache_miss` says. */
const cache_status = 'cache_miss';

@Controller()
export class CheckPermission {
  constructor(private readonly decider: PermissionDecider) {}

  @Endpoint(checkPermission)
  async handle(@Input() { json }: InputOf<typeof checkPermission>): Promise<OutputOf<typeof checkPermission>> {
    const startedAt = performance.now();
    const { allowed, belongs } = await this.decider.decide({
      subject: { type: json.subject_type, id: json.user_id },
      organizationId: json.org_id,
      permission: json.permission,
    });
    checks.inc({ cache_status });
    duration.observe({ cache_status }, (performance.now() - startedAt) / 1_000);
    return { allowed, cache_status, belongs };
  }
}
