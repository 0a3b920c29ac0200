import { randomBytes } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { emailVerified } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { currentContext, injectTraceparent, metrics, startTelemetry } from '@gatehouse/telemetry';
import type { Telemetry } from '@gatehouse/telemetry';
import { eventually, OtlpSink } from '@gatehouse/testing';
import type { SpanRecord } from '@gatehouse/testing';
import type { Message } from '../wire.ts';
import { addEffect, ConsumerBench, handlersOf, recordOf, SERVICE, TOPIC, verified } from './consumer.spec-support.ts';
import { Consumes } from './handler-declaration.ts';

let bench: ConsumerBench;
let sink: OtlpSink;
let telemetry: Telemetry;
beforeAll(async () => {
  sink = await OtlpSink.start();
  telemetry = startTelemetry({
    service: SERVICE,
    settings: {
      LOG_LEVEL: 'silent',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: undefined,
      OTEL_TRACES_SAMPLER_ARG: 1,
    },
  });
  bench = await ConsumerBench.open('consumer-trace');
});
afterEach(() => bench.stopAll());
afterAll(async () => {
  await bench.close();
  await telemetry.shutdown();
  await sink.stop();
});

/** A trace of somebody else, and the span in it that caused an event. */
function cause() {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-01`, ce_requestid: traceId } };
}
const spanOf = (traceId: string): Promise<SpanRecord> =>
  eventually(() => sink.spansOfTrace(traceId).find(({ name }) => name === `process ${TOPIC}`) ?? false, {
    within: '10s',
  });

const seen = new Map<string, { traceparent: string; requestId: string | null }>();

@Controller()
class Handler {
  @Consumes(emailVerified)
  async handle(message: Message<typeof emailVerified>, tx: Tx): Promise<void> {
    seen.set(message.id, {
      traceparent: injectTraceparent().traceparent ?? '',
      requestId: currentContext().request_id,
    });
    await addEffect(tx, message);
  }
}

test("a message's span is a child of the span that caused it, links to its batch, and is the handler's parent", async () => {
  const app = await bench.start([Handler]);
  const { traceId, spanId, headers } = cause();
  const sent = await bench.send(emailVerified, verified(uuidv7()), { headers });
  const span = await spanOf(traceId);
  expect(span).toMatchObject({ parentSpanId: spanId, kind: 'consumer', status: 'unset' });
  expect(span.attributes).toMatchObject({ 'messaging.destination.name': TOPIC, 'messaging.message.id': sent.id });
  expect(seen.get(sent.id)).toEqual({ traceparent: `00-${traceId}-${span.spanId}-01`, requestId: traceId });
  const [batch] = await eventually(
    () => {
      const linked = sink.spans.filter(({ spanId: id }) => id === span.links[0]?.spanId);
      return linked.length > 0 && linked;
    },
    { within: '10s' },
  );
  expect(batch).toMatchObject({ name: `receive ${TOPIC}`, parentSpanId: undefined });
  expect(batch?.traceId).not.toBe(traceId);
  await app.stop();
});

test('lag in messages and in seconds, what became of messages, and parked keys are metrics', async () => {
  const app = await bench.start([Handler]);
  await bench.past(await bench.send(emailVerified, verified(uuidv7())));
  const place = `consumer="${SERVICE}",topic="${TOPIC}"`;
  await eventually(
    async () => {
      const shown = await metrics.metrics();
      expect(shown).toContain(`consumer_lag_messages{${place},partition="0"} 0`);
      expect(shown).toContain(`consumer_lag_seconds{${place},partition="0"} 0`);
      expect(shown).toMatch(new RegExp(`consumer_messages_total{${place},outcome="handled"} [1-9]`));
      expect(shown).toContain(`consumer_topic_retention_seconds{${place}} 1209600`);
      expect(shown).toContain(`consumer_parked_keys{consumer="${SERVICE}"} 0`);
    },
    { within: '20s' },
  );
  await app.stop();
});

test('each message of a batch handler has a span in its own trace', async () => {
  const causes = [cause(), cause()];
  const records = causes.map(({ headers }, offset) =>
    recordOf(emailVerified, verified(uuidv7()), 100 + offset, { headers }),
  );
  await bench.handle(handlersOf(() => undefined, () => undefined), records.map(({ record }) => record)); // prettier-ignore
  for (const { traceId, spanId } of causes) expect((await spanOf(traceId)).parentSpanId).toBe(spanId);
});

test('the span of a message that is parked carries its failure', async () => {
  const { traceId, headers } = cause();
  const { record } = recordOf(emailVerified, verified(uuidv7()), 200, { headers });
  await bench.handle(
    handlersOf(() => Promise.reject(new TypeError('too much'))),
    [record],
  );
  const span = await spanOf(traceId);
  expect(span.status).toBe('error');
  expect(span.events).toContainEqual(expect.objectContaining({ name: 'exception' }));
});
