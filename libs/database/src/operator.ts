import type { Service } from '@gatehouse/contracts';
import type { MigrationInterface } from 'typeorm';
import type { Database, Entities } from './database.ts';
import type { Tx } from './transaction.ts';

/** A migration class; its name ends in the 13 digits of a JavaScript timestamp, by which migrations are ordered. */
export type Migration = new () => MigrationInterface;

/** What the operator command needs to know of a service; each exports it from `src/operator.ts`. */
export interface ServiceOperator {
  readonly service: Service;
  /** The environment variable that holds the URL of the service's database. */
  readonly databaseUrlVariable: string;
  readonly migrations: readonly Migration[];
  readonly entities: Entities;
  /**
   * Brings the service's own reference data up to date after every `up`; must be repeatable. `tx` may publish events under
   * the keys of `publishes`.
   */
  readonly afterMigrate?: (
    tx: Tx,
    env: Readonly<Record<string, string | undefined>>,
    database: Database,
  ) => Promise<void>;
  readonly publishes?: readonly string[];
}
