import { Global, Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnModuleInit } from '@nestjs/common';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { log } from '@gatehouse/telemetry';
import { Database } from './database.ts';
import type { DatabaseOptions } from './database.ts';
import { migrationNames } from './migrate.ts';
import type { Migration } from './operator.ts';
import { missingMigrations } from './schema-version.ts';

export interface DatabaseModuleOptions extends DatabaseOptions {
  /** The migrations without which this build cannot work: all that the service's operator lists. */
  readonly migrations: readonly Migration[];
}

const OPTIONS = Symbol('DatabaseModuleOptions');
const SCHEMA_CHECK_MS = 1_000;

/** Provides `Database` to the whole service, opens it at start, and gates readiness on the schema's version. */
@Global()
@Module({})
export class DatabaseModule implements OnModuleInit {
  readonly #needed: string[];
  #missing: string[];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(OPTIONS) options: DatabaseModuleOptions,
    private readonly database: Database,
    private readonly health: Health,
    private readonly shutdown: Shutdown,
  ) {
    this.#needed = migrationNames(options.migrations);
    this.#missing = this.#needed;
  }

  static register(options: DatabaseModuleOptions): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: OPTIONS, useValue: options },
        {
          provide: Database,
          // Open before anything else of the service starts: other providers may query in their own start.
          useFactory: async () => {
            const database = new Database(options);
            await database.open();
            return database;
          },
        },
      ],
      exports: [Database],
    };
  }

  async onModuleInit(): Promise<void> {
    this.shutdown.on('pools', 'database', () => this.#stop());
    this.health.add({
      name: 'database',
      exercise: async () => {
        await this.database.query('SELECT 1');
      },
    });
    this.health.add({ name: 'schema', ready: () => this.#schemaReady() });
    await this.#checkSchema();
  }

  #schemaReady(): true | string {
    if (this.#missing.length === 0) return true;
    return `the database is older than this build: ${this.#missing.join(', ')} missing; run \`gatehouse migrate\``;
  }

  /** Looks until the schema is new enough; it never becomes older again. */
  async #checkSchema(): Promise<void> {
    try {
      this.#missing = await missingMigrations(this.database, this.#needed);
    } catch (error) {
      log('database').warn({ err: error }, 'schema_check_failed');
    }
    if (this.#missing.length > 0 && !this.shutdown.stopping) {
      this.#timer = setTimeout(() => void this.#checkSchema(), SCHEMA_CHECK_MS);
    }
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.database.close();
  }
}
