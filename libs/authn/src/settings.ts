import { secret, setting, settings } from '@gatehouse/config';
import type { ConfigOf } from '@gatehouse/config';
import { z } from 'zod';

/** The service's own OAuth client, with which it calls other services. */
export const serviceClientSettings = settings({
  SERVICE_CLIENT_ID: setting(z.string().min(1).max(200), {
    example: 'audit-log',
    description: "The service's own OAuth client.",
  }),
  SERVICE_CLIENT_SECRET: setting(secret(), { example: 'cs-8d02…', description: 'Secret of that client.' }),
});
export type ServiceClientSettings = ConfigOf<typeof serviceClientSettings>;
