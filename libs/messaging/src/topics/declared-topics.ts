import { allTopics, services } from '@gatehouse/contracts';
import type { Service, Topic } from '@gatehouse/contracts';

/** The topics that `wanted` services produce, consume or follow, each once; every topic without an argument. */
export function topicsOfServices(wanted: readonly Service[] = services): readonly Topic[] {
  const touches = (topic: Topic) => [topic.producers, topic.consumers, topic.followers].flat();
  return allTopics.filter((topic) => touches(topic).some((service) => wanted.includes(service)));
}

/** What Kafka calls the settings of a topic that its declaration fixes; all of them are compared with an existing topic. */
export function topicConfig(topic: Topic): ReadonlyMap<string, string> {
  const config = new Map([
    ['cleanup.policy', topic.cleanup],
    ['retention.ms', String(topic.retentionMs)],
  ]);
  if (topic.minCompactionLagMs !== undefined) config.set('min.compaction.lag.ms', String(topic.minCompactionLagMs));
  if (topic.segmentMs !== undefined) config.set('segment.ms', String(topic.segmentMs));
  return config;
}

/** The consumer group in which all instances of `service` share the messages of its topics. */
export function groupOf(service: Service, prefix: string): string {
  return `${prefix}${service}`;
}

/** What the group of each follower of `service` begins with; every instance makes one of its own. */
export function followerGroupPrefix(service: Service, prefix: string): string {
  return `${prefix}${service}.follow.`;
}

/** What every group begins with that a reader such as the local observer may join. */
export function readerGroupPrefix(reader: string, prefix: string): string {
  return `${prefix}${reader}-`;
}
