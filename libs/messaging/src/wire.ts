import { eventContext, findEvent } from '@gatehouse/contracts';
import type { AnyEvent, DataOf, EventContext, Service } from '@gatehouse/contracts';
import type { IHeaders } from 'kafkajs';

/** An event is refused above this size (key, headers and payload): a batch of them must fit into one Kafka request. */
export const MAX_EVENT_BYTES = 40 * 1_024;
/** The cap of `audit.entries`, whose entries wrap whole events. */
export const MAX_AUDIT_ENTRY_BYTES = 64 * 1_024;

/** A message whose envelope was read: CloudEvents attributes, context, and the data as JSON, not yet validated. */
export interface RawMessage {
  /** CloudEvents id: the same for every delivery of this event. */
  readonly id: string;
  readonly type: string;
  readonly version: number;
  /** `/gatehouse/<service>`. */
  readonly source: string;
  /** When the producer wrote it. */
  readonly time: Date;
  readonly key: string;
  /** Position within (topic, key), gap-free; null for a fact, which has no order. */
  readonly sequence: number | null;
  readonly data: unknown;
  readonly context: EventContext;
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** Without the prefix of the environment. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came. */
  readonly value: Buffer;
}

/** What a handler of `E` receives. */
export type Message<E extends AnyEvent = AnyEvent> = Omit<RawMessage, 'data' | 'type'> & {
  readonly type: E['type'];
  readonly data: DataOf<E>;
};
export type MessageOf<E extends AnyEvent> = Message<E>;

/** A record as kafkajs hands it over, with its place. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
}

/** The record is not a CloudEvent, or its data does not fit its declared event. It will never become readable. */
export class UnreadableMessage extends Error {
  override readonly name = 'UnreadableMessage';
}

/** What the outbox knows of an event when it is appended; sequence and time are added from the row. */
export interface EventEnvelope {
  readonly id: string;
  readonly event: Pick<AnyEvent, 'type' | 'version'>;
  readonly service: Service;
  readonly key: string;
  readonly context: EventContext;
  /** W3C trace context of the span that caused the event. */
  readonly trace: { readonly traceparent?: string; readonly tracestate?: string };
}

/** The headers of the CloudEvents 1.0 Kafka binary binding, without `ce_time` and `ce_sequence`. */
export function encodeHeaders({ id, event, service, key, context, trace }: EventEnvelope): Record<string, string> {
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: `/gatehouse/${service}`,
    ce_type: event.type,
    ce_subject: key,
    ce_dataschema: `urn:gatehouse:event:${event.type}:${event.version}`,
    'content-type': 'application/json',
    ce_actorkind: context.actor_kind,
  };
  const optional = {
    ce_actorid: context.actor_id,
    ce_requestid: context.request_id,
    ce_clientip: context.ip,
    ce_useragent: context.user_agent,
    traceparent: trace.traceparent,
    tracestate: trace.tracestate,
  };
  for (const [name, value] of Object.entries(optional)) if (value) headers[name] = value;
  return headers;
}

/** Bytes that a record takes in a Kafka batch, rounded up: key, value, headers and their framing. */
export function recordBytes(
  key: string,
  headers: Readonly<Record<string, string>>,
  value: string | Buffer | null,
): number {
  let bytes = 32 + Buffer.byteLength(key) + (value === null ? 0 : Buffer.byteLength(value));
  for (const [name, text] of Object.entries(headers)) bytes += 8 + name.length + Buffer.byteLength(text);
  return bytes;
}

/** A record without a value: it removes its key from a compacted topic and is not a fact. */
export function isTombstone(record: Pick<KafkaRecord, 'value'>): boolean {
  return record.value === null;
}

/**
 * Reads the envelope of a record; `topic` is taken without the environment's prefix. Unknown types and versions are
 * fine here. Throws UnreadableMessage where the envelope is broken or the value is not JSON.
 */
export function decodeMessage(record: KafkaRecord): RawMessage {
  const headers = headersOf(record.headers);
  if (headers['ce_specversion'] !== '1.0') throw new UnreadableMessage('ce_specversion is not 1.0');
  const type = required(headers, 'ce_type');
  const value = record.value ?? Buffer.alloc(0);
  return {
    id: required(headers, 'ce_id'),
    type,
    version: versionOf(type, required(headers, 'ce_dataschema')),
    source: required(headers, 'ce_source'),
    time: timeOf(required(headers, 'ce_time')),
    key: record.key?.toString() ?? required(headers, 'ce_subject'),
    sequence: sequenceOf(headers['ce_sequence']),
    data: jsonOf(value),
    context: contextOf(headers),
    ...(headers['traceparent'] ? { traceparent: headers['traceparent'] } : {}),
    ...(headers['tracestate'] ? { tracestate: headers['tracestate'] } : {}),
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    headers,
    value,
  };
}

/** The message with its data validated by the declared event, or undefined where this build does not know the event. */
export function parseMessage(raw: RawMessage): Message | undefined {
  const event = findEvent(raw.type, raw.version);
  if (!event) return undefined;
  const parsed = event.data.safeParse(raw.data);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'data'}: ${issue.code}`);
    throw new UnreadableMessage(`${raw.type} version ${raw.version}: ${fields.join(', ')}`);
  }
  return { ...raw, data: parsed.data };
}

/** Header values as text; a repeated header counts with its first value. */
export function headersOf(headers: IHeaders = {}): Record<string, string> {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) text[name] = first.toString();
  }
  return text;
}

function required(headers: Readonly<Record<string, string>>, name: string): string {
  const value = headers[name];
  if (!value) throw new UnreadableMessage(`the header ${name} is missing`);
  return value;
}

function versionOf(type: string, dataschema: string): number {
  const prefix = `urn:gatehouse:event:${type}:`;
  const version = dataschema.startsWith(prefix) ? Number(dataschema.slice(prefix.length)) : Number.NaN;
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new UnreadableMessage(`ce_dataschema does not name a version of ${type}`);
  }
  return version;
}

function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new UnreadableMessage('ce_time is not a time');
  return time;
}

function sequenceOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const sequence = Number(text);
  if (!Number.isSafeInteger(sequence) || sequence < 1) throw new UnreadableMessage('ce_sequence is not a position');
  return sequence;
}

function jsonOf(value: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (cause) {
    throw new UnreadableMessage('the value is not JSON in UTF-8', { cause });
  }
}

function contextOf(headers: Readonly<Record<string, string>>): EventContext {
  const kind = eventContext.shape.actor_kind.safeParse(headers['ce_actorkind'] ?? 'anonymous');
  if (!kind.success) throw new UnreadableMessage('ce_actorkind is unknown');
  return {
    actor_kind: kind.data,
    actor_id: headers['ce_actorid'] ?? null,
    request_id: headers['ce_requestid'] ?? null,
    ip: headers['ce_clientip'] ?? null,
    user_agent: headers['ce_useragent'] ?? null,
  };
}
