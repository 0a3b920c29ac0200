import type { ServiceOperator } from '@gatehouse/database';
import { messagingMigrations } from '@gatehouse/messaging';
import { migrations } from './store/migrations/index.ts';

export const operator: ServiceOperator = {
  service: 'email-verification',
  databaseUrlVariable: 'EMAIL_VERIFICATION_DATABASE_URL',
  migrations: [...messagingMigrations, ...migrations],
  entities: [],
};
