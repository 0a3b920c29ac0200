import { defineService } from '@gatehouse/http';
import { KafkaEventStrategy } from '@gatehouse/messaging';
import { AppModule } from './app.module.ts';
import { authorizationConfig } from './config.ts';

/** The authorization service: what `main.ts` runs and tests start. */
export const authorizationService = defineService({
  service: 'authorization',
  config: authorizationConfig,
  module: (config) => AppModule.register(config),
  transports: [KafkaEventStrategy],
});
