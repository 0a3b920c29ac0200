import type { Service } from '@gatehouse/contracts';
import { connectRedis, TEST_REDIS_DATABASES } from '@gatehouse/local-platform';
import type { TestPlatform, TestRedis } from '@gatehouse/local-platform';
import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';

/** The number of a logical database that no other recent suite has, emptied in both servers. Number 0 keeps the count. */
export async function reserveRedisDatabase(platform: TestPlatform): Promise<number> {
  const count = await withRedis(platform.redis.state, 0, (client) => client.incr('suites'));
  const database = (count % (TEST_REDIS_DATABASES - 1)) + 1;
  await clearRedisDatabases(platform, database);
  return database;
}

/** Empties this logical database of both servers. */
export async function clearRedisDatabases({ redis }: TestPlatform, database: number): Promise<void> {
  for (const server of [redis.cache, redis.state]) await withRedis(server, database, (client) => client.flushdb());
}

type RedisClient = Awaited<ReturnType<typeof connectRedis>>;

async function withRedis<T>(server: TestRedis, database: number, work: (client: RedisClient) => Promise<T>) {
  const client = await connectRedis(server.port, server.passwords.admin, database);
  return work(client).finally(() => client.disconnect());
}

/** Deletes every topic of the prefix with its access rules, and every consumer group that has nobody in it. */
export async function removeTopics(admin: Admin, prefix: string): Promise<void> {
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  const { groups } = await admin.listGroups();
  const own = groups.map(({ groupId }) => groupId).filter((group) => group.startsWith(prefix));
  // A group that still has a member cannot be deleted; it expires by itself.
  if (own.length > 0) await admin.deleteGroups(own).catch(() => undefined);
  await removeAcls(admin, prefix);
}

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

async function removeAcls(admin: Admin, prefix: string): Promise<void> {
  const { resources } = await admin.describeAcls({
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  });
  const filters = resources
    .filter(({ resourceName }) => resourceName.startsWith(prefix))
    .flatMap(({ acls, ...resource }) => acls.map((acl) => ({ ...resource, ...acl })));
  if (filters.length > 0) await admin.deleteAcls({ filters });
}

/** What `@gatehouse/cli` exports for this. */
interface OperatorCommands {
  migrate(options: {
    services: readonly Service[];
    env: Record<string, string>;
    readers: readonly string[];
  }): Promise<unknown>;
}

/**
 * The operator command's own functions, loaded by a name that is put together at run time: libraries use this package
 * in their specs, and a static import of the command, which uses those libraries, would close a cycle.
 */
export async function migrateServices(only: readonly Service[], env: Record<string, string>): Promise<void> {
  const commands = (await import(['@gatehouse', 'cli'].join('/'))) as OperatorCommands;
  await commands.migrate({ services: only, env, readers: ['observer'] });
}
