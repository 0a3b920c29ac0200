import { startTelemetry, withSpan } from '@gatehouse/telemetry';
import { eventually, OtlpSink } from '@gatehouse/testing';
import { RelayBench, TOPIC } from './relay.spec-support.ts';

describe('the trace of an event', () => {
  test('goes on through the outbox: the send is a child of what caused it, and the message carries that cause', async () => {
    const sink = await OtlpSink.start();
    const telemetry = startTelemetry({
      service: 'token',
      settings: {
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
        OTEL_EXPORTER_ZIPKIN_ENDPOINT: undefined,
        OTEL_TRACES_SAMPLER_ARG: 1,
        LOG_LEVEL: 'warn',
      },
    });
    const bench = await RelayBench.open('relay-trace');
    await bench.activeRelay();
    const cause = await withSpan('register account', {}, async (span) => {
      await bench.register();
      return span.spanContext();
    });
    await bench.register();
    await bench.drained();
    const [traced, untraced] = await bench.messages();
    expect(traced?.headers?.['traceparent']?.toString()).toBe(`00-${cause.traceId}-${cause.spanId}-01`);
    expect(untraced?.headers?.['traceparent']).toBeUndefined();
    await eventually(
      () => {
        const send = sink.spansOfTrace(cause.traceId).find(({ name }) => name === `send ${TOPIC}`);
        expect(send).toMatchObject({ parentSpanId: cause.spanId });
      },
      { within: '10s' },
    );
    expect(sink.spans.filter(({ name }) => name === `send ${TOPIC}`)).toHaveLength(1);
    await bench.close();
    await telemetry.shutdown();
    await sink.stop();
  });
});
