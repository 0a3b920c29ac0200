import type { Variables } from '@gatehouse/config';
import { services as allServices } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { migrate as migrateDatabase } from '@gatehouse/database';
import type { MigrationAction, MigrationReport } from '@gatehouse/database';
import { ensureAcls, ensureTopics, topicsOfServices } from '@gatehouse/messaging';
import { withKafkaAdmin } from './kafka-admin.ts';
import { operatorOf } from './operators.ts';

export interface MigrateOptions {
  /** All four unless told. */
  readonly services?: readonly Service[];
  /** The services' own variables (`*_DATABASE_URL`, and what `afterMigrate` reads) and the operator's for Kafka. */
  readonly env: Variables;
  /** Kafka principals that may read every topic, in groups of their own, and write nothing. */
  readonly readers?: readonly string[];
}

export interface ServiceMigration {
  readonly service: Service;
  readonly report: MigrationReport;
}

export interface MigrateReport {
  readonly databases: readonly ServiceMigration[];
  /** Topics that did not exist before, with their prefix. */
  readonly createdTopics: readonly string[];
}

/** Everything that services need before they start: first their schemas, then topics and the right to use them. */
export async function migrate({ services = allServices, env, readers = [] }: MigrateOptions): Promise<MigrateReport> {
  const databases: ServiceMigration[] = [];
  for (const service of services) databases.push({ service, report: await migrateService(service, 'up', env) });
  return { databases, createdTopics: await migrateTopics({ services, env, readers }) };
}

/** Brings one service's database to the schema of this installation, one migration back, or only tells. */
export async function migrateService(
  service: Service,
  action: MigrationAction,
  env: Variables,
): Promise<MigrationReport> {
  return migrateDatabase(await operatorOf(service), action, env);
}

/**
 * Creates or checks the topics that `services` use, and grants access to them; resolves with the created topics.
 * Throws TopicMismatchError where an existing topic is not as declared.
 */
export async function migrateTopics({ services = allServices, env, readers = [] }: MigrateOptions) {
  const topics = topicsOfServices(services);
  return withKafkaAdmin(env, async (admin, prefix) => {
    const created = await ensureTopics(admin, topics, prefix);
    await ensureAcls(admin, topics, { prefix, readers });
    return created;
  });
}
