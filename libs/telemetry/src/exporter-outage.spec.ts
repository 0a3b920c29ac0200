import { eventually, FaultProxy, OtlpSink } from '@gatehouse/testing';
import { configureLogging, metrics, startTelemetry, withSpan } from './index.ts';

const SPANS = 5_000;

async function failures(): Promise<number> {
  const { values } = (await metrics.getSingleMetric('telemetry_export_failures_total')?.get()) ?? { values: [] };
  return values[0]?.value ?? 0;
}

test('a receiver that hangs costs no work and no memory, is counted, and is logged once', async () => {
  const sink = await OtlpSink.start();
  const proxy = await FaultProxy.start({ port: Number(new URL(sink.url).port) });
  const telemetry = startTelemetry({
    service: 'token',
    settings: {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${proxy.port}`,
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: undefined,
      OTEL_TRACES_SAMPLER_ARG: 1,
    },
  });
  const lines: string[] = [];
  configureLogging({ service: 'token', level: 'info', sink: { write: (line) => void lines.push(line) } });

  proxy.cut();
  const startedAt = performance.now();
  for (let i = 0; i < SPANS; i += 1) await withSpan('work', {}, () => Promise.resolve());
  expect(performance.now() - startedAt).toBeLessThan(3_000);

  await eventually(async () => (await failures()) >= 1, { within: '20s' });
  expect(lines.filter((line) => line.includes('telemetry_export_failed')).length).toBe(1);

  // The control: the same spans do arrive once the receiver is back, so it was the outage that kept them.
  expect(sink.spans).toHaveLength(0);
  proxy.restore();
  await withSpan('after', {}, () => Promise.resolve());
  await eventually(() => sink.spans.some(({ name }) => name === 'after'), { within: '20s' });
  await telemetry.shutdown();
  await proxy.stop();
  await sink.stop();
}, 60_000);
