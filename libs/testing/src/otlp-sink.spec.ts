import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Link } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { decodeTraceRequest } from './otlp-protobuf.ts';
import { OtlpSink } from './otlp-sink.ts';

let sink: OtlpSink;
beforeAll(async () => (sink = await OtlpSink.start()));
afterEach(() => sink.clear());
afterAll(() => sink.stop());

/** A request with a producer below it, and a second trace that links to the first. */
function recordSpans() {
  const memory = new InMemorySpanExporter();
  const resource = resourceFromAttributes({ 'service.name': 'token' });
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter: memory })] });
  const tracer = provider.getTracer('spec');
  const request = tracer.startSpan('POST /api/v1/accounts', { kind: SpanKind.SERVER });
  const send = tracer.startSpan(
    'send token.accounts',
    {
      kind: SpanKind.PRODUCER,
      attributes: { text: 'ä', whole: -7, part: 0.5, yes: true, no: false, list: ['a', 'b'], large: 2 ** 40 },
    },
    trace.setSpan(ROOT_CONTEXT, request),
  );
  send.addEvent('retried', { attempt: 2 });
  send.setStatus({ code: SpanStatusCode.ERROR, message: 'gone' });
  send.end();
  request.end();
  const links: Link[] = [{ context: request.spanContext(), attributes: { 'link.kind': 'asked' } }];
  const confirm = tracer.startSpan('POST /verify', { links }, ROOT_CONTEXT);
  confirm.end();
  return { spans: memory.getFinishedSpans(), request: request.spanContext(), confirm: confirm.spanContext() };
}

async function exportAsProtobuf(spans: ReturnType<typeof recordSpans>['spans']): Promise<void> {
  const exporter = new OTLPTraceExporter({ url: `${sink.url}/v1/traces` });
  await new Promise<void>((resolve, reject) =>
    exporter.export(spans, ({ error }) => (error ? reject(error) : resolve())),
  );
  await exporter.shutdown();
}

const postJson = (body: Uint8Array<ArrayBuffer> | string, type = 'application/json') =>
  fetch(`${sink.url}/v1/traces`, { method: 'POST', headers: { 'content-type': type }, body });

test('what the SDK exports as protobuf arrives with names, kinds, attributes, events, links and status', async () => {
  const { spans, request, confirm } = recordSpans();
  await exportAsProtobuf(spans);
  // By kind: the two may have begun in the same tick of the clock, and then have no order.
  const of = (kind: string) => sink.spansOfTrace(request.traceId).find((span) => span.kind === kind);
  const [server, producer] = [of('server'), of('producer')];
  expect(sink.spansOfTrace(request.traceId)).toHaveLength(2);
  expect(server).toMatchObject({ spanId: request.spanId, parentSpanId: undefined, kind: 'server', status: 'unset' });
  expect(producer).toMatchObject({
    name: 'send token.accounts',
    kind: 'producer',
    service: 'token',
    parentSpanId: request.spanId,
    status: 'error',
    attributes: { text: 'ä', whole: -7, part: 0.5, yes: true, no: false, list: ['a', 'b'], large: 2 ** 40 },
    events: [{ name: 'retried', attributes: { attempt: 2 } }],
  });
  expect(producer?.endedAtNs).toBeGreaterThanOrEqual(producer?.startedAtNs ?? 0n);
  expect(sink.spansLinkedTo(request.traceId)).toMatchObject([
    { traceId: confirm.traceId, links: [{ spanId: request.spanId, attributes: { 'link.kind': 'asked' } }] },
  ]);
});

test('JSON and protobuf of the same spans are read alike', async () => {
  const { spans, request } = recordSpans();
  await exportAsProtobuf(spans);
  const fromProtobuf = sink.spansOfTrace(request.traceId);
  sink.clear();
  const json = JsonTraceSerializer.serializeRequest([...spans]);
  expect((await postJson(new Uint8Array(json ?? []))).status).toBe(200);
  expect(sink.spansOfTrace(request.traceId)).toEqual(fromProtobuf);
  expect(fromProtobuf).toHaveLength(2);
});

test('a trace is a tree with one root, and a span whose parent is missing shows as a second root', async () => {
  const { spans, request } = recordSpans();
  await exportAsProtobuf(spans);
  expect(sink.outline(request.traceId)).toBe(
    'token: POST /api/v1/accounts (server)\n  token: send token.accounts (producer)',
  );
  sink.clear();
  await exportAsProtobuf(spans.filter((span) => span.kind !== SpanKind.SERVER));
  expect(sink.tree(request.traceId).map((node) => node.span.parentSpanId)).toEqual([request.spanId]);
});

test('other paths, other types and broken bodies are refused and keep nothing', async () => {
  expect((await fetch(`${sink.url}/v1/metrics`, { method: 'POST' })).status).toBe(404);
  expect((await postJson('x', 'text/plain')).status).toBe(415);
  expect((await postJson('{')).status).toBe(400);
  expect((await postJson(new Uint8Array([0x0a, 0x7f]), 'application/x-protobuf')).status).toBe(400);
  expect(() => decodeTraceRequest(Buffer.from([0x0b]))).toThrow('wire type 3');
  expect(sink.spans).toEqual([]);
});
