import { openApiOf } from '@gatehouse/contracts/openapi';
import { defineService } from '@gatehouse/http';
import { KafkaEventStrategy } from '@gatehouse/messaging';
import { AppModule } from './app.module.ts';
import { config } from './config.ts';
import { operator } from './operator.ts';

/** The email-verification service: what `main.ts` runs and tests start. */
export const emailVerificationService = defineService({
  service: operator.service,
  config,
  module: (values) => AppModule.register(values),
  transports: [KafkaEventStrategy],
  openApi: () => Promise.resolve(openApiOf(operator.service)),
});
