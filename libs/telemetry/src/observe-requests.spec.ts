import { inspect } from 'node:util';
import { trace } from '@opentelemetry/api';
import { eventually, OtlpSink } from '@gatehouse/testing';
import { fastify, type FastifyInstance } from 'fastify';
import {
  extractTraceparent,
  injectTraceparent,
  measureRequests,
  metrics,
  startTelemetry,
  traceRequests,
  withSpan,
  type Telemetry,
} from './index.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';
const sampled = `00-${TRACE_ID}-${PARENT_ID}-01`;

let sink: OtlpSink;
let telemetry: Telemetry;
let app: FastifyInstance;
let url: string;

beforeAll(async () => {
  sink = await OtlpSink.start();
  telemetry = startTelemetry({
    service: 'token',
    settings: {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: undefined,
      OTEL_TRACES_SAMPLER_ARG: 1,
    },
  });
  app = fastify();
  traceRequests(app);
  measureRequests(app);
  url = await serve(app);
});
afterAll(async () => {
  await app.close();
  await telemetry.shutdown();
  await sink.stop();
});

let entered = 0;
let release = () => {};

/** An application whose every handler works in a span of its own. */
async function serve(server: FastifyInstance): Promise<string> {
  const handler = () => withSpan('handler', {}, (span) => ({ trace_id: span.spanContext().traceId }));
  server.post('/links/:token', handler);
  server.get('/links/:token', handler);
  server.get('/broken', () => Promise.reject(new Error('broken')));
  server.get('/slow', async () => {
    entered += 1;
    await new Promise<void>((resolve) => (release = resolve));
    return {};
  });
  return server.listen({ port: 0, host: '127.0.0.1' });
}

async function traceOf(path: string, init: RequestInit = {}, base = url): Promise<string> {
  const response = await fetch(base + path, init);
  return ((await response.json()) as { trace_id: string }).trace_id;
}

const json = { 'content-type': 'application/json' };
const body = JSON.stringify({ filler: 'x'.repeat(200_000) });

test("a request is one server span, parent of its handler's spans, body or not", async () => {
  for (const init of [{}, { method: 'POST', headers: json, body }]) {
    const traceId = await traceOf('/links/abc', init);
    const [root, ...others] = await eventually(() => complete(traceId, 2), { within: '5s' });
    expect(others).toEqual([]);
    expect(root).toMatchObject({
      span: { name: `${init.method ?? 'GET'} /links/:token`, kind: 'server', parentSpanId: undefined },
      children: [{ span: { name: 'handler' } }],
    });
  }
});

function complete(traceId: string, count: number) {
  expect(sink.spansOfTrace(traceId)).toHaveLength(count);
  return sink.tree(traceId);
}

test("a caller's W3C trace is continued", async () => {
  expect(await traceOf('/links/abc', { headers: { traceparent: sampled } })).toBe(TRACE_ID);
  await eventually(() => expect(sink.spansOfTrace(TRACE_ID)).toHaveLength(2), { within: '5s' });
  const server = sink.spansOfTrace(TRACE_ID).find(({ kind }) => kind === 'server');
  expect(server?.parentSpanId).toBe(PARENT_ID);
});

test('a malformed traceparent begins a new trace', async () => {
  expect(await traceOf('/links/abc', { headers: { traceparent: `00-${'0'.repeat(32)}-x-01` } })).toMatch(/[1-9a-f]/);
});

test('a caller that does not record is followed: its trace goes on, and no span is sent', async () => {
  const unsampled = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
  expect(await traceOf('/links/abc', { headers: { traceparent: `00-${unsampled}-${PARENT_ID}-00` } })).toBe(unsampled);
  const later = await traceOf('/links/abc');
  await eventually(() => complete(later, 2), { within: '5s' });
  expect(sink.spansOfTrace(unsampled)).toEqual([]);
});

test('a failed request is a failed span', async () => {
  await fetch(`${url}/broken`, { headers: { traceparent: `00-${'b'.repeat(32)}-${PARENT_ID}-01` } });
  await eventually(() => expect(sink.spansOfTrace('b'.repeat(32))).toMatchObject([{ status: 'error' }]), {
    within: '5s',
  });
});

test('a request whose client went away is one span and one count, with status 499', async () => {
  const traceparent = `00-${'d'.repeat(32)}-${PARENT_ID}-01`;
  const client = new AbortController();
  const before = entered;
  const answer = fetch(`${url}/slow`, { headers: { traceparent }, signal: client.signal }).catch(() => 'aborted');
  await eventually(() => entered > before, { within: '5s' });
  client.abort();
  expect(await answer).toBe('aborted');
  const counted = /route="\/slow",status="499"\} 1/;
  await eventually(async () => expect(await metrics.metrics()).toMatch(counted), { within: '5s' });
  release(); // the handler ends, and with it the answer that nobody takes
  await eventually(() => expect(sink.spansOfTrace('d'.repeat(32))).toHaveLength(1), { within: '5s' });
  await traceOf('/links/abc');
  expect((await metrics.metrics()).match(/duration_seconds_count\{method="GET",route="\/slow"/g)).toHaveLength(1);
  expect(await metrics.metrics()).toMatch(counted);
});

test('paths, which carry tokens, reach neither traces nor metrics', async () => {
  await traceOf('/links/s3cr3t-t0ken?code=123456');
  await fetch(`${url}/unknown/s3cr3t-t0ken`);
  const text = await metrics.metrics();
  expect(text).toContain('route="/links/:token"');
  expect(text).toContain('route="unmatched"');
  expect(text).not.toContain('s3cr3t-t0ken');
  await eventually(() => sink.spans.some(({ name }) => name === 'GET unmatched'), { within: '5s' });
  expect(inspect(sink.spans, { depth: null })).not.toContain('s3cr3t-t0ken');
});

test('rate, errors and duration can be read per route, and the process and its event loop too', async () => {
  await fetch(`${url}/broken`);
  const text = await metrics.metrics();
  expect(text).toMatch(
    /http_server_request_duration_seconds_count\{method="GET",route="\/broken",status="500"\} [1-9]/,
  );
  expect(text).toMatch(/http_server_request_duration_seconds_bucket\{le="0.25",method="GET"/);
  expect(text).toContain('nodejs_eventloop_lag_seconds');
  expect(text).toContain('process_resident_memory_bytes');
});

test('a trace crosses a queue by its headers', async () => {
  const headers = await withSpan('send', {}, () => Promise.resolve(injectTraceparent()));
  await withSpan('process', { parent: extractTraceparent(headers) }, () => Promise.resolve());
  const traceId = headers.traceparent?.split('-')[1] ?? '';
  const [send] = await eventually(() => complete(traceId, 2), { within: '5s' });
  expect(send).toMatchObject({ span: { name: 'send' }, children: [{ span: { name: 'process' } }] });
});

test('a span whose work fails is marked, and the error goes on', async () => {
  let traceId = '';
  const failing = withSpan('failing', {}, (span) => {
    traceId = span.spanContext().traceId;
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await eventually(() => expect(sink.spansOfTrace(traceId)).toMatchObject([{ status: 'error' }]), { within: '5s' });
  expect(trace.getActiveSpan()).toBeUndefined();
});
