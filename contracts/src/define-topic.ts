/** The four services; each is one Kafka principal, one database role and one OAuth client. */
export const services = ['token', 'authorization', 'audit-log', 'email-verification'] as const;
export type Service = (typeof services)[number];

/** One Kafka topic: `gatehouse migrate` creates it, checks it and derives its ACLs from this value. */
export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly partitions: number;
  /** How long Kafka keeps a record, in milliseconds; -1 keeps it for ever. */
  readonly retentionMs: number;
  readonly cleanup: 'delete' | 'compact';
  /** Compacted topics only: how long a record is safe from compaction, in milliseconds. */
  readonly minCompactionLagMs?: number;
  /** How long a segment stays open, in milliseconds; retention works on closed segments only. */
  readonly segmentMs?: number;
  /** The only services that may write to it. */
  readonly producers: readonly Service[];
  /** Services that read it as a group, each message once per service. */
  readonly consumers: readonly Service[];
  /** Services of which every instance reads it from the beginning. */
  readonly followers: readonly Service[];
  /** Whether the audit log keeps an entry for each message; implies `audit-log` among the consumers. */
  readonly audited: boolean;
}

const DAY_MS = 86_400_000;
/** Audited topics are kept long enough for the audit log to be away for two weeks. */
export const AUDITED_RETENTION_MS = 14 * DAY_MS;

export type TopicInput = Pick<Topic, 'name' | 'summary' | 'producers'> & Partial<Topic>;

/** Declares a topic. Defaults: 6 partitions, kept 14 days, deleted not compacted, audited. */
export function defineTopic(input: TopicInput): Topic {
  const audited = input.audited ?? true;
  const consumers = input.consumers ?? [];
  return {
    partitions: 6,
    retentionMs: AUDITED_RETENTION_MS,
    cleanup: 'delete',
    followers: [],
    ...input,
    audited,
    consumers: audited && !consumers.includes('audit-log') ? [...consumers, 'audit-log'] : consumers,
  };
}

/** The same topic once for each service, so that every topic keeps exactly one producer: `token.denials`, ... */
export type TopicFamily = Readonly<Record<Service, Topic>>;

/** Declares `<service>.<suffix>` for each of the four services; the service itself is the only producer. */
export function defineTopicFamily(suffix: string, input: Omit<TopicInput, 'name' | 'producers'>): TopicFamily {
  const topicOf = (service: Service) => [
    service,
    defineTopic({ ...input, name: `${service}.${suffix}`, producers: [service] }),
  ];
  return Object.fromEntries(services.map(topicOf)) as TopicFamily;
}
