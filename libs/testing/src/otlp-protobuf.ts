import { serviceOf, spanKinds, spanStatuses, type AttributeValue, type SpanRecord } from './span-record.ts';

/** One field of a protobuf message: varints and fixed-width numbers as bigint, everything else as its bytes. */
type Field = readonly [number: number, value: bigint | Buffer];

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * Decodes an OTLP `ExportTraceServiceRequest` (opentelemetry-proto 1.x, trace/v1/trace.proto); the numbers below are
 * that file's field numbers.
 */
export function decodeTraceRequest(body: Buffer): SpanRecord[] {
  return many(body, 1).flatMap((resourceSpans) => {
    const resource = attributes(many(one(resourceSpans, 1), 1));
    const spans = many(resourceSpans, 2).flatMap((scopeSpans) => many(scopeSpans, 2));
    return spans.map((span) => decodeSpan(span, resource));
  });
}

function decodeSpan(span: Buffer, resource: Record<string, AttributeValue>): SpanRecord {
  return {
    traceId: one(span, 1).toString('hex'),
    spanId: one(span, 2).toString('hex'),
    parentSpanId: one(span, 4).toString('hex') || undefined,
    name: one(span, 5).toString(),
    kind: spanKinds[integer(span, 6)] ?? 'unspecified',
    service: serviceOf(resource),
    startedAtNs: bigintOf(span, 7),
    endedAtNs: bigintOf(span, 8),
    attributes: attributes(many(span, 9)),
    events: many(span, 11).map((event) => ({ name: one(event, 2).toString(), attributes: attributes(many(event, 3)) })),
    links: many(span, 13).map((link) => ({
      traceId: one(link, 1).toString('hex'),
      spanId: one(link, 2).toString('hex'),
      attributes: attributes(many(link, 4)),
    })),
    status: spanStatuses[integer(one(span, 15), 3)] ?? 'unset',
    resource,
  };
}

function attributes(keyValues: readonly Buffer[]): Record<string, AttributeValue> {
  return Object.fromEntries(keyValues.map((pair) => [one(pair, 1).toString(), anyValue(one(pair, 2))]));
}

/** `AnyValue`: a oneof, so the last field wins; an empty message is null. */
function anyValue(message: Buffer): AttributeValue {
  const [number, value] = [...fields(message)].at(-1) ?? [0, 0n];
  if (typeof value === 'bigint') {
    if (number === 2) return value !== 0n;
    if (number === 4) return new Float64Array(new BigUint64Array([value]).buffer)[0] ?? NaN;
    return number === 3 ? Number(BigInt.asIntN(64, value)) : null;
  }
  if (number === 1) return value.toString();
  if (number === 5) return many(value, 1).map(anyValue);
  if (number === 6) return attributes(many(value, 1));
  return value.toString('base64');
}

function many(message: Buffer, number: number): Buffer[] {
  return [...fields(message)].flatMap(([n, value]) => (n === number && typeof value !== 'bigint' ? [value] : []));
}

/** Protobuf's default for an absent message, string or bytes field is the empty one. */
function one(message: Buffer, number: number): Buffer {
  return many(message, number).at(-1) ?? Buffer.alloc(0);
}

function bigintOf(message: Buffer, number: number): bigint {
  const field = [...fields(message)].findLast(([n]) => n === number);
  return typeof field?.[1] === 'bigint' ? field[1] : 0n;
}

function integer(message: Buffer, number: number): number {
  return Number(bigintOf(message, number));
}

/** Walks the wire format (protobuf.dev/programming-guides/encoding). Groups are not used by OTLP and are refused. */
function* fields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new RangeError('a protobuf field is longer than its message');
    return message.subarray(at, (at += length));
  };
  while (at < message.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    if (wireType === VARINT) yield [number, varint()];
    else if (wireType === FIXED64) yield [number, take(8).readBigUInt64LE()];
    else if (wireType === FIXED32) yield [number, BigInt(take(4).readUInt32LE())];
    else if (wireType === BYTES) yield [number, take(Number(varint()))];
    else throw new TypeError(`protobuf wire type ${wireType} is not used by OTLP`);
  }
}
