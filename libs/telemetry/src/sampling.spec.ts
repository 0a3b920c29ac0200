import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { eventually } from '@gatehouse/testing';
import { extractTraceparent, startTelemetry, withSpan } from './index.ts';

interface ZipkinSpan {
  readonly traceId: string;
  readonly name: string;
  readonly localEndpoint: { readonly serviceName: string };
}

test('spans go to Zipkin; a trace begun here is sampled by the ratio, a sampled caller is followed', async () => {
  const received: ZipkinSpan[] = [];
  const collector = createServer((request, response) => {
    void json(request).then((spans) => {
      received.push(...(spans as ZipkinSpan[]));
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const telemetry = startTelemetry({
    service: 'audit-log',
    settings: {
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://127.0.0.1:${port}/api/v2/spans`,
      OTEL_TRACES_SAMPLER_ARG: 0,
    },
  });
  const own = await withSpan('own', {}, (span) => Promise.resolve(span.spanContext().traceId));
  expect(own).toMatch(/[1-9a-f]/); // not recorded, but with an id for logs and events
  const traceId = 'c'.repeat(32);
  const parent = extractTraceparent({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
  await withSpan('followed', { parent }, () => Promise.resolve());
  await telemetry.shutdown();
  await eventually(() => received.length > 0, { within: '5s' });
  expect(received).toMatchObject([{ traceId, name: 'followed', localEndpoint: { serviceName: 'audit-log' } }]);
  await new Promise((resolve) => collector.close(resolve));
});
