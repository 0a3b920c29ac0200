import { counter, gauge } from '@gatehouse/telemetry';

/** What became of a message. */
export type Outcome = 'handled' | 'duplicate' | 'skipped' | 'joined' | 'parked';

const labels = ['consumer', 'topic'] as const;
const partitionLabels = [...labels, 'partition'] as const;

export const messagesTotal = counter({
  name: 'consumer_messages_total',
  help: 'Messages by what became of them; joined ones wait behind a parked message of their key.',
  labels: [...labels, 'outcome'],
});

export const failuresTotal = counter({
  name: 'consumer_failures_total',
  help: 'Failed attempts: message failures lead to parking, dependency failures make the partition wait.',
  labels: [...labels, 'kind'],
});

export const lagMessages = gauge({
  name: 'consumer_lag_messages',
  help: 'Messages that the consumer has not handled yet.',
  labels: partitionLabels,
});

export const lagSeconds = gauge({
  name: 'consumer_lag_seconds',
  help: 'How long the oldest message that is not handled yet has waited.',
  labels: partitionLabels,
});

/** Alarmed against: at half of it, a consumer that lags is on its way to lose messages. */
export const retentionSeconds = gauge({
  name: 'consumer_topic_retention_seconds',
  help: 'How long Kafka keeps a message of the topic.',
  labels,
});

export const parkedKeys = gauge({
  name: 'consumer_parked_keys',
  help: 'Keys that wait for an operator because a message of theirs failed.',
  labels: ['consumer'],
});

export const parkedMessages = gauge({
  name: 'consumer_parked_messages',
  help: 'Messages that wait for an operator, those behind a failed one included.',
  labels: ['consumer'],
});

export const offsetLost = gauge({
  name: 'consumer_offset_lost',
  help: '1 where the position of a partition is lost or out of range; the service stops and an operator decides.',
  labels: partitionLabels,
});
