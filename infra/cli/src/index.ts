export { gatehouse } from './gatehouse.ts';
export type { Surroundings } from './gatehouse.ts';
export { migrate, migrateService, migrateTopics } from './migrate.ts';
export type { MigrateOptions, MigrateReport, ServiceMigration } from './migrate.ts';
