import { setTimeout as delay } from 'node:timers/promises';
import type { Topic } from '@gatehouse/contracts';
import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { topicConfig } from './declared-topics.ts';

/** One setting of one topic that is not as declared. */
export interface TopicMismatch {
  readonly topic: string;
  readonly setting: string;
  readonly declared: string;
  readonly actual: string;
}

/** Existing topics differ from their declarations; nothing was changed about them. */
export class TopicMismatchError extends Error {
  constructor(readonly mismatches: readonly TopicMismatch[]) {
    const lines = mismatches.map(
      ({ topic, setting, declared, actual }) => `  ${topic}: ${setting} is declared ${declared}, Kafka has ${actual}`,
    );
    super(`Topics differ from their declarations in contracts/src/topics.ts:\n${lines.join('\n')}`);
    this.name = 'TopicMismatchError';
  }
}

/**
 * Creates the topics that are missing and compares every other with its declaration, resolving with the names that it
 * created. Throws TopicMismatchError, with all differences at once, and never alters a topic: partitions cannot be
 * taken back, and a shorter retention deletes data.
 */
export async function ensureTopics(admin: Admin, topics: readonly Topic[], prefix: string): Promise<readonly string[]> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter((topic) => !existing.has(prefix + topic.name));
  if (missing.length > 0) {
    // kafkajs answers false where another operator created them meanwhile; they are compared below like any other.
    await admin.createTopics({ topics: missing.map((topic) => creation(topic, prefix)), waitForLeaders: false });
    await known(
      admin,
      missing.map((topic) => prefix + topic.name),
    );
  }
  const mismatches = await findMismatches(admin, topics, prefix);
  if (mismatches.length > 0) throw new TopicMismatchError(mismatches);
  return missing.map((topic) => prefix + topic.name);
}

/** What `ensureTopics` would create or complain about; changes nothing. */
export async function checkTopics(admin: Admin, topics: readonly Topic[], prefix: string) {
  const existing = new Set(await admin.listTopics());
  const present = topics.filter((topic) => existing.has(prefix + topic.name));
  const missing = topics.filter((topic) => !present.includes(topic)).map((topic) => prefix + topic.name);
  return { missing, mismatches: await findMismatches(admin, present, prefix) };
}

function creation(topic: Topic, prefix: string) {
  return {
    topic: prefix + topic.name,
    numPartitions: topic.partitions,
    configEntries: [...topicConfig(topic)].map(([name, value]) => ({ name, value })),
  };
}

const KNOWN_WITHIN_MS = 30_000;
const ASK_AGAIN_MS = 50;

/**
 * Resolves when the brokers know the topics. They hear of a new topic after the controller has answered, and say until
 * then that there is none, which kafkajs' own waiting takes for a failure.
 */
async function known(admin: Admin, topics: readonly string[]): Promise<void> {
  for (const deadline = performance.now() + KNOWN_WITHIN_MS; ; await delay(ASK_AGAIN_MS)) {
    try {
      await admin.fetchTopicMetadata({ topics: [...topics] });
      return;
    } catch (error) {
      if (!isUnknownTopic(error) || performance.now() > deadline) throw error;
    }
  }
}

function isUnknownTopic(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: { type?: string } }; // -- kafkajs wraps some of its errors
  return (type ?? cause?.type) === 'UNKNOWN_TOPIC_OR_PARTITION';
}

async function findMismatches(admin: Admin, topics: readonly Topic[], prefix: string): Promise<TopicMismatch[]> {
  if (topics.length === 0) return [];
  const names = topics.map((topic) => prefix + topic.name);
  const [metadata, configs] = [
    await admin.fetchTopicMetadata({ topics: names }),
    await readConfigs(admin, topics, prefix),
  ];
  const partitions = new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]));
  return topics.flatMap((topic) => {
    const name = prefix + topic.name;
    const declared = new Map([['partitions', String(topic.partitions)], ...topicConfig(topic)]);
    const actual = new Map([['partitions', String(partitions.get(name))], ...(configs.get(name) ?? [])]);
    return [...declared]
      .map(([setting, value]) => ({ topic: name, setting, declared: value, actual: actual.get(setting) ?? 'nothing' }))
      .filter((pair) => pair.declared !== pair.actual);
  });
}

async function readConfigs(admin: Admin, topics: readonly Topic[], prefix: string) {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((topic) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: prefix + topic.name,
      configNames: [...topicConfig(topic).keys()],
    })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}
