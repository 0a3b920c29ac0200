import { dpopSettings, serviceClientSettings } from '@gatehouse/authn';
import { stateRedisSettings } from '@gatehouse/cache';
import { defineConfig, listOf, serviceSettings, setting, settings } from '@gatehouse/config';
import type { ConfigOf } from '@gatehouse/config';
import { databaseSettings } from '@gatehouse/database';
import { kafkaSettings } from '@gatehouse/messaging';
import { telemetrySettings } from '@gatehouse/telemetry';
import { z } from 'zod';

/** Every setting of the authorization service, keyed by its environment variable. */
export const authorizationConfig = defineConfig(
  serviceSettings({ port: 4002, adminPort: 4102 }),
  telemetrySettings,
  databaseSettings('AUTHORIZATION_DATABASE_URL'),
  kafkaSettings,
  stateRedisSettings,
  serviceClientSettings,
  dpopSettings,
);
export type AuthorizationConfig = ConfigOf<typeof authorizationConfig>;

const clientIds = listOf(z.string().min(1).max(200)).default([]);

/** What `gatehouse migrate` reads beside the database's URL. It only adds grants; the API takes them away. */
export const bootstrapConfig = settings({
  AUTHZ_BOOTSTRAP_ADMINS: setting(clientIds, {
    example: 'admin',
    description: 'OAuth clients that get the role platform-administrator: everything, everywhere.',
  }),
  AUTHZ_BOOTSTRAP_SERVICES: setting(clientIds, {
    example: 'token,audit-log,email-verification',
    description: 'OAuth clients that get the role service: they may check permissions.',
  }),
});
export type BootstrapConfig = ConfigOf<typeof bootstrapConfig>;
