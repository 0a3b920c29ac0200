export { migrate, migrateService, migrateTopics } from './migrate.ts';
export type { MigrateOptions, MigrateReport, ServiceMigration } from './migrate.ts';
