import { setTimeout as delay } from 'node:timers/promises';
import { services } from '@gatehouse/contracts';
import type { Service, Topic } from '@gatehouse/contracts';
import kafkajs from 'kafkajs';
import type { AclEntry, Admin } from 'kafkajs';
import { followerGroupPrefix, groupOf, readerGroupPrefix } from './declared-topics.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

export interface AclOptions {
  /** Before every topic and group name; the same as the services' KAFKA_TOPIC_PREFIX. */
  readonly prefix: string;
  /** Principals that may read every topic under the prefix, in groups of their own, and write nothing: a local observer. */
  readonly readers?: readonly string[];
}

/**
 * Grants exactly what the declarations say: a producer writes its topics, a consumer reads its topics in its own group,
 * a follower reads its topics in groups of its own. What a service's principal may do beyond that on these topics is
 * taken away, so a service that stops consuming a topic also loses it, and so is a reader's access to the services'
 * groups, in which it could take their messages or their offsets away. Repeating it changes nothing.
 */
export async function ensureAcls(admin: Admin, topics: readonly Topic[], options: AclOptions): Promise<void> {
  const declared = declaredAcls(topics, options);
  if (declared.length > 0) await admin.createAcls({ acl: declared });
  const stale = [
    ...(await findStale(admin, topics, declared, options.prefix)),
    ...(await findEveryGroup(admin, options)),
  ];
  if (stale.length > 0) await admin.deleteAcls({ filters: stale });
  await inForce(admin, declared);
}

const IN_FORCE_WITHIN_MS = 10_000;

/** The controller answers before the brokers know the entries; a service that started in between would be refused. */
async function inForce(admin: Admin, declared: readonly AclEntry[]): Promise<void> {
  const deadline = performance.now() + IN_FORCE_WITHIN_MS;
  for (;;) {
    const { resources } = await admin.describeAcls({
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ALLOW,
    });
    const known = new Set(
      resources.flatMap(({ acls, ...resource }) => acls.map((acl) => identity({ ...resource, ...acl }))),
    );
    if (declared.every((entry) => known.has(identity(entry)))) return;
    if (performance.now() > deadline) throw new Error('the access rules are not in force on the broker');
    await delay(20);
  }
}

/** The access control entries that the declarations of `topics` ask for. */
export function declaredAcls(topics: readonly Topic[], { prefix, readers = [] }: AclOptions): AclEntry[] {
  const ofTopics = topics.flatMap((topic) => {
    const name = prefix + topic.name;
    const reading = [...new Set([...topic.consumers, ...topic.followers])];
    return [
      ...topic.producers.flatMap((service) => onTopic(service, name, [AclOperationTypes.WRITE])),
      ...reading.flatMap((service) => onTopic(service, name, [AclOperationTypes.READ])),
    ];
  });
  const ofGroups = services.flatMap((service) => [
    ...(topics.some((topic) => topic.consumers.includes(service))
      ? [readGroup(service, groupOf(service, prefix))]
      : []),
    ...(topics.some((topic) => topic.followers.includes(service))
      ? [readGroup(service, followerGroupPrefix(service, prefix), ResourcePatternTypes.PREFIXED)]
      : []),
  ]);
  return [...ofTopics, ...ofGroups, ...readers.flatMap((reader) => readEverything(reader, prefix))];
}

/** WRITE and READ imply DESCRIBE in Kafka's authorizer, so neither needs a second entry. */
function onTopic(service: Service, name: string, operations: readonly AclEntry['operation'][]): AclEntry[] {
  return operations.map((operation) =>
    entry(service, operation, {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: name,
      resourcePatternType: ResourcePatternTypes.LITERAL,
    }),
  );
}

function readGroup(principal: string, name: string, resourcePatternType = ResourcePatternTypes.LITERAL): AclEntry {
  return entry(principal, AclOperationTypes.READ, {
    resourceType: AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType,
  });
}

/** A literal `*` is Kafka's name for everything; with a prefix, everything that begins with it. */
function everything(prefix: string): Pick<AclEntry, 'resourceName' | 'resourcePatternType'> {
  return prefix
    ? { resourceName: prefix, resourcePatternType: ResourcePatternTypes.PREFIXED }
    : { resourceName: '*', resourcePatternType: ResourcePatternTypes.LITERAL };
}

function readEverything(principal: string, prefix: string): AclEntry[] {
  return [
    entry(principal, AclOperationTypes.READ, { resourceType: AclResourceTypes.TOPIC, ...everything(prefix) }),
    readGroup(principal, readerGroupPrefix(principal, prefix), ResourcePatternTypes.PREFIXED),
  ];
}

function entry(
  principal: string,
  operation: AclEntry['operation'],
  resource: Pick<AclEntry, 'resourceType' | 'resourceName' | 'resourcePatternType'>,
): AclEntry {
  return {
    principal: `User:${principal}`,
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    operation,
    ...resource,
  };
}

/** Entries that services' principals hold on exactly these topics without a declaration that says so. */
async function findStale(admin: Admin, topics: readonly Topic[], declared: readonly AclEntry[], prefix: string) {
  const { resources } = await admin.describeAcls({
    resourceType: AclResourceTypes.TOPIC,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ALLOW,
  });
  const names = new Set(topics.map((topic) => prefix + topic.name));
  const wanted = new Set(declared.map(identity));
  const ofServices = new Set(services.map((service) => `User:${service}`));
  return resources
    .filter(({ resourceName }) => names.has(resourceName))
    .flatMap(({ acls, ...resource }) => acls.map((acl): AclEntry => ({ ...resource, ...acl })))
    .filter((acl) => ofServices.has(acl.principal) && !wanted.has(identity(acl)));
}

/** Entries of earlier versions by which a reader could join every group under the prefix. */
async function findEveryGroup(admin: Admin, { prefix, readers = [] }: AclOptions): Promise<AclEntry[]> {
  const { resources } = await admin.describeAcls({
    resourceType: AclResourceTypes.GROUP,
    ...everything(prefix),
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ALLOW,
  });
  const ofReaders = new Set(readers.map((reader) => `User:${reader}`));
  return resources
    .flatMap(({ acls, ...resource }) => acls.map((acl): AclEntry => ({ ...resource, ...acl })))
    .filter(({ principal }) => ofReaders.has(principal));
}

function identity({ principal, operation, resourceType, resourceName, resourcePatternType }: AclEntry): string {
  return [principal, operation, resourceType, resourcePatternType, resourceName].join(' ');
}
