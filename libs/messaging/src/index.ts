export { Consumes, ConsumesBatch, Follows, FollowsDeletion } from './consume/handler-declaration.ts';
export { DependencyFailure } from './consume/failures.ts';
export { KafkaEventStrategy } from './consume/kafka-event.strategy.ts';
export { createKafka, KafkaConnection } from './kafka.ts';
export type { KafkaOptions } from './kafka.ts';
export { killPoint } from './kill-point.ts';
export type { KillPoint } from './kill-point.ts';
export { MessagingModule } from './messaging.module.ts';
export type { MessagingModuleOptions } from './messaging.module.ts';
export { messagingMigrations } from './migrations/index.ts';
export { Outbox } from './outbox/outbox.ts';
export { rebaseOutbox } from './relay/rebase.ts';
export type { RebaseReport } from './relay/rebase.ts';
export { RelayHalted } from './relay/relay-source.ts';
export type { Backlog, OutgoingRecord, ReadBatch, RelaySource, SentPosition } from './relay/relay-source.ts';
export { Relays } from './relay/relays.ts';
export type { RunningRelay } from './relay/relays.ts';
export { kafkaSettings } from './settings.ts';
export type { KafkaSettings } from './settings.ts';
export {
  decodeMessage,
  encodeHeaders,
  headersOf,
  isTombstone,
  MAX_AUDIT_ENTRY_BYTES,
  MAX_EVENT_BYTES,
  parseMessage,
  recordBytes,
  UnreadableMessage,
} from './wire.ts';
export type { EventEnvelope, KafkaRecord, Message, MessageOf, RawMessage } from './wire.ts';
export { followerGroupPrefix, groupOf, topicsOfServices } from './topics/declared-topics.ts';
export { declaredAcls, ensureAcls } from './topics/ensure-acls.ts';
export type { AclOptions } from './topics/ensure-acls.ts';
export { checkTopics, ensureTopics, TopicMismatchError } from './topics/ensure-topics.ts';
export type { TopicMismatch } from './topics/ensure-topics.ts';
export { acceptOffset, readPositions } from './consume/accept-offset.ts';
export type { AcceptedOffset, PartitionPosition } from './consume/accept-offset.ts';
export { operatorOutbox } from './outbox/operator-outbox.ts';
export { DeadLetters } from './park/dead-letters.ts';
export type { ReleasedKey, Selection } from './park/dead-letters.ts';
export type { Failure, ParkedMessage } from './park/parked-message.ts';
