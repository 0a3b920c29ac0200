export { FaultProxy } from './fault-proxy.ts';
export { OtlpSink } from './otlp-sink.ts';
export { SmtpSink } from './smtp-sink.ts';
export type { ReceivedMail, SmtpFaults } from './smtp-sink.ts';
export type { AttributeValue, SpanKind, SpanLink, SpanNode, SpanRecord } from './span-record.ts';
