import { defineService } from '@gatehouse/http';
import { KafkaEventStrategy } from '@gatehouse/messaging';
import { AppModule } from './app.module.ts';
import { tokenConfig } from './config.ts';
import { operator } from './operator.ts';

export const tokenService = defineService({
  service: operator.service,
  config: tokenConfig,
  module: (values) => AppModule.register(values),
  transports: [KafkaEventStrategy],
});
