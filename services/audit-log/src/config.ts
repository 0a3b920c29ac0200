import { dpopSettings, serviceClientSettings } from '@gatehouse/authn';
import { authorizationClientSettings } from '@gatehouse/authorization-client';
import { defineConfig, serviceSettings, type ConfigOf } from '@gatehouse/config';
import { stateRedisSettings } from '@gatehouse/cache';
import { databaseSettings } from '@gatehouse/database';
import { kafkaSettings } from '@gatehouse/messaging';
import { telemetrySettings } from '@gatehouse/telemetry';

/** Every setting of the audit log, keyed by its environment variable. */
export const auditLogConfig = defineConfig(
  serviceSettings({ port: 4003, adminPort: 4103 }),
  telemetrySettings,
  databaseSettings('AUDIT_LOG_DATABASE_URL'),
  kafkaSettings,
  stateRedisSettings,
  dpopSettings,
  serviceClientSettings,
  authorizationClientSettings,
);
export type AuditLogConfig = ConfigOf<typeof auditLogConfig>;
