import { SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { counter, extractTraceparent, recordFailure, tracer } from '@gatehouse/telemetry';
import type { OutgoingRecord } from './relay-source.ts';

const sent = counter({
  name: 'outbox_sent_total',
  help: 'Records that the relay has sent to Kafka.',
  labels: ['shard', 'topic'],
});

export function countSent(shard: string, records: readonly OutgoingRecord[]): void {
  for (const { topic } of records) sent.inc({ shard, topic });
}

/** Spans of one send, which end together. */
export interface SendSpans {
  end(): void;
  fail(error: unknown): void;
}

/** `send TOPIC` for every record of a sampled trace: a child of the span that caused the event. */
export function spansOf(records: readonly OutgoingRecord[]): SendSpans {
  const spans = records.flatMap((record) => sendSpan(record) ?? []);
  return {
    end: () => spans.forEach((span) => span.end()),
    fail: (error) => {
      for (const span of spans) {
        recordFailure(span, error);
        span.end();
      }
    },
  };
}

function sendSpan({ topic, key, headers }: OutgoingRecord): Span | undefined {
  // The last digit pair of a traceparent are its flags: reading them is far cheaper than a span that is not recorded.
  if (!headers['traceparent']?.endsWith('1')) return undefined;
  const parent = extractTraceparent(headers);
  if (((trace.getSpanContext(parent)?.traceFlags ?? 0) & TraceFlags.SAMPLED) === 0) return undefined;
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'send',
    'messaging.destination.name': topic,
    'messaging.kafka.message.key': key,
    'messaging.message.id': headers['ce_id'] ?? '',
  };
  return tracer.startSpan(`send ${topic}`, { kind: SpanKind.PRODUCER, attributes }, parent);
}
