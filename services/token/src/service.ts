import { openApiOf } from '@gatehouse/contracts/openapi';
import { defineService } from '@gatehouse/http';
import { KafkaEventStrategy } from '@gatehouse/messaging';
import { AppModule } from './app.module.ts';
import { tokenConfig } from './config.ts';
import { operator } from './operator.ts';

/** The token service: what `main.ts` runs and tests start. */
export const tokenService = defineService({
  service: operator.service,
  config: tokenConfig,
  module: (values) => AppModule.register(values),
  transports: [KafkaEventStrategy],
  openApi: () => Promise.resolve(openApiOf(operator.service)),
});
