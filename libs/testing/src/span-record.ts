/** In the order of OTLP's enumeration. */
export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export type SpanKind = (typeof spanKinds)[number];
/** In the order of OTLP's enumeration. */
export const spanStatuses = ['unset', 'ok', 'error'] as const;

export type AttributeValue =
  string | number | boolean | null | readonly AttributeValue[] | { readonly [key: string]: AttributeValue };

/** A finished span as an exporter sent it; ids are lower-case hex. */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for the root of a trace. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** The resource's `service.name`. */
  readonly service: string;
  readonly startedAtNs: bigint;
  readonly endedAtNs: bigint;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, AttributeValue>> }[];
  readonly links: readonly SpanLink[];
  readonly status: (typeof spanStatuses)[number];
  readonly resource: Readonly<Record<string, AttributeValue>>;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A span with the spans that name it as their parent, by start time. */
export interface SpanNode {
  readonly span: SpanRecord;
  readonly children: readonly SpanNode[];
}

/** OpenTelemetry semantic conventions: the resource attribute that names the process's service. */
export function serviceOf(resource: Readonly<Record<string, AttributeValue>>): string {
  const name = resource['service.name'];
  return typeof name === 'string' ? name : '';
}
