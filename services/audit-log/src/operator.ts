import type { ServiceOperator } from '@gatehouse/database';
import { messagingMigrations } from '@gatehouse/messaging';
import { AuditLog1795392100000 } from './store/migrations/audit-log.migration.ts';

/** What `gatehouse migrate` needs to know of this service. */
export const operator: ServiceOperator = {
  service: 'audit-log',
  databaseUrlVariable: 'AUDIT_LOG_DATABASE_URL',
  migrations: [...messagingMigrations, AuditLog1795392100000],
  entities: [],
};
