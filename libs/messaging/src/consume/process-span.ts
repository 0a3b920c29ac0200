import { context, SpanKind, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { extractTraceparent, recordFailure, runInContext, tracer, withSpan } from '@gatehouse/telemetry';
import type { RawMessage } from '../wire.ts';

/**
 * Runs `work` in the span of a batch as it came from Kafka. It belongs to no request, so it is a trace of its own, to
 * which the span of each message links.
 */
export function inBatchSpan<T>(topic: string, size: number, work: () => Promise<T>): Promise<T> {
  const attributes = { ...common(topic, 'receive'), 'messaging.batch.message_count': size };
  return withSpan(`receive ${topic}`, { kind: SpanKind.CONSUMER, attributes }, work);
}

/** Runs `work` on behalf of whoever caused the message: in a child of the span stored with it, and in its context. */
export function inProcessSpan<T>(message: RawMessage, work: () => Promise<T>): Promise<T> {
  const options = { ...spanOptions(message), parent: extractTraceparent(message) };
  return withSpan(`process ${message.topic}`, options, () => runInContext(message.context, work));
}

/** Marks the message's span as failed where the failure is not thrown any further, because it is parked. */
export function markFailed(error: unknown): void {
  const span = trace.getActiveSpan();
  if (span) recordFailure(span, error);
}

/** The spans of messages that are handled together; they end together. */
export function startProcessSpans(messages: readonly RawMessage[]): readonly Span[] {
  return messages.map((message) =>
    tracer.startSpan(`process ${message.topic}`, spanOptions(message), extractTraceparent(message)),
  );
}

function spanOptions({ topic, key, id, partition, offset }: RawMessage) {
  const batch = trace.getSpanContext(context.active());
  return {
    kind: SpanKind.CONSUMER,
    links: batch ? [{ context: batch }] : [],
    attributes: {
      ...common(topic, 'process'),
      'messaging.kafka.message.key': key,
      'messaging.message.id': id,
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.offset': Number(offset),
    },
  };
}

function common(topic: string, operation: string) {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.type': operation,
    'messaging.destination.name': topic,
  };
}
