import {
  serviceOf,
  spanKinds,
  spanStatuses,
  type AttributeValue,
  type SpanLink,
  type SpanRecord,
} from './span-record.ts';

interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number;
  arrayValue?: { values?: AnyValue[] };
  kvlistValue?: { values?: KeyValue[] };
  bytesValue?: string;
}
interface KeyValue {
  key: string;
  value: AnyValue;
}
interface JsonLink {
  traceId: string;
  spanId: string;
  attributes?: KeyValue[];
}
interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  attributes?: KeyValue[];
  events?: { name: string; attributes?: KeyValue[] }[];
  links?: JsonLink[];
  status?: { code?: number };
}
interface JsonTraceRequest {
  resourceSpans?: { resource?: { attributes?: KeyValue[] }; scopeSpans?: { spans?: JsonSpan[] }[] }[];
}

/** Decodes the JSON form of OTLP (OTLP 1.x, "JSON Protobuf Encoding"): ids in hex, 64-bit integers as strings. */
export function decodeJsonTraceRequest(body: string): SpanRecord[] {
  const request = JSON.parse(body) as JsonTraceRequest; // -- a test's own exporter is the only sender
  return (request.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) => {
    const about = attributes(resource?.attributes);
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => decodeSpan(span, about)));
  });
}

function decodeLink(link: JsonLink): SpanLink {
  return {
    traceId: link.traceId.toLowerCase(),
    spanId: link.spanId.toLowerCase(),
    attributes: attributes(link.attributes),
  };
}

function decodeSpan(span: JsonSpan, resource: Record<string, AttributeValue>): SpanRecord {
  return {
    traceId: span.traceId.toLowerCase(),
    spanId: span.spanId.toLowerCase(),
    parentSpanId: span.parentSpanId?.toLowerCase() || undefined,
    name: span.name,
    kind: spanKinds[span.kind ?? 0] ?? 'unspecified',
    service: serviceOf(resource),
    startedAtNs: BigInt(span.startTimeUnixNano ?? 0),
    endedAtNs: BigInt(span.endTimeUnixNano ?? 0),
    attributes: attributes(span.attributes),
    events: (span.events ?? []).map((event) => ({ name: event.name, attributes: attributes(event.attributes) })),
    links: (span.links ?? []).map(decodeLink),
    status: spanStatuses[span.status?.code ?? 0] ?? 'unset',
    resource,
  };
}

function attributes(keyValues: readonly KeyValue[] = []): Record<string, AttributeValue> {
  return Object.fromEntries(keyValues.map(({ key, value }) => [key, anyValue(value)]));
}

function anyValue(value: AnyValue): AttributeValue {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(anyValue);
  if (value.kvlistValue) return attributes(value.kvlistValue.values);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? null;
}
