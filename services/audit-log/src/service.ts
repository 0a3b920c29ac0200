import { openApiOf } from '@gatehouse/contracts/openapi';
import { defineService } from '@gatehouse/http';
import { KafkaEventStrategy } from '@gatehouse/messaging';
import { AppModule } from './app.module.ts';
import { auditLogConfig } from './config.ts';
import { operator } from './operator.ts';

/** The audit log: what `main.ts` runs and tests start. */
export const auditLogService = defineService({
  service: operator.service,
  config: auditLogConfig,
  module: (config) => AppModule.register(config),
  transports: [KafkaEventStrategy],
  openApi: () => Promise.resolve(openApiOf(operator.service)),
});
