import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { ServiceOperator } from '@gatehouse/database';
import { messagingMigrations } from '@gatehouse/messaging';
import { bootstrap } from './bootstrap.ts';
import { Model1795392010000 } from './store/migrations/model.migration.ts';

/** What `gatehouse migrate` needs to know of the authorization service. */
export const operator: ServiceOperator = {
  service: 'authorization',
  databaseUrlVariable: 'AUTHORIZATION_DATABASE_URL',
  migrations: [...messagingMigrations, Model1795392010000],
  entities: [],
  afterMigrate: bootstrap,
  publishes: [PLATFORM_ORGANIZATION_ID],
};
