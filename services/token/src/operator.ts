import type { ServiceOperator } from '@gatehouse/database';
import { messagingMigrations } from '@gatehouse/messaging';
import { seedDatabase } from './seed.ts';
import { tokenMigrations } from './store/migrations/index.ts';

/** What `gatehouse migrate` needs to know of the token service. */
export const operator: ServiceOperator = {
  service: 'token',
  databaseUrlVariable: 'TOKEN_DATABASE_URL',
  migrations: [...messagingMigrations, ...tokenMigrations],
  entities: [],
  afterMigrate: seedDatabase,
};

export { operateKeys } from './operate-keys.ts';
