import { randomBytes } from 'node:crypto';
import { configureLogging } from '@gatehouse/telemetry';
import { eventually, OtlpSink, type SpanRecord } from '@gatehouse/testing';
import {
  credentialsOf,
  startEmailVerification,
  wrongCode,
  type ServiceUnderTest,
} from './email-verification.spec-support.ts';

let service: ServiceUnderTest;
let sink: OtlpSink;
const lines: string[] = [];

beforeAll(async () => {
  sink = await OtlpSink.start();
  service = await startEmailVerification('tracing', {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
  });
  configureLogging({
    service: 'email-verification',
    level: 'trace',
    sink: { write: (line) => void lines.push(line) },
  });
});
afterAll(async () => {
  await service.close();
  await sink.stop();
});

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const find = (spans: readonly SpanRecord[], name: string | RegExp, parent?: SpanRecord) =>
  spans.filter((span) => (typeof name === 'string' ? span.name === name : name.test(span.name)))
    .filter((span) => !parent || span.parentSpanId === parent.spanId); // prettier-ignore

/** A registration that came with a trace, as token sends it. */
async function tracedFlow() {
  const [traceId, spanId] = [hex(16), hex(8)];
  const flow = await service.request({}, { traceparent: `00-${traceId}-${spanId}-01` });
  return { traceId, spanId, flow, mail: await service.mailTo(flow.email) };
}

test('command, mail and what is published about it are one trace, each span under what caused it', async () => {
  const { traceId, spanId } = await tracedFlow();
  await eventually(
    () => {
      const spans = sink.spansOfTrace(traceId);
      const [process] = find(spans, /^process .*email-verification\.commands$/);
      expect(process).toMatchObject({ kind: 'consumer', parentSpanId: spanId, service: 'email-verification' });
      const [mail] = find(spans, 'send mail', process);
      expect(mail).toMatchObject({ kind: 'client', status: 'unset' });
      const published = /^send .*email-verification\.verifications$/;
      expect([find(spans, published, process).length, find(spans, published, mail).length]).toEqual([1, 1]);
      // Whole: nothing hangs in the air but what hangs on the caller's span.
      expect(new Set(sink.tree(traceId).map((root) => root.span.parentSpanId))).toEqual(new Set([spanId]));
    },
    { within: '20s' },
  );
});

test('a confirmation is a trace of its own that links to the request it answers', async () => {
  const { traceId, flow, mail } = await tracedFlow();
  const { code } = credentialsOf(mail);
  await service.postJson(`/api/v1/email-verifications/${flow.flow_id}/confirm`, { code });
  await eventually(
    () => {
      const [confirm, ...others] = sink.spansLinkedTo(traceId).filter((span) => span.kind === 'server');
      expect(others).toEqual([]);
      expect(confirm?.name).toMatch(/^POST \/api\/v1\/email-verifications\/:flow_id\/confirm$/);
      expect(confirm?.traceId).not.toBe(traceId);
      const linked = confirm?.links.map((link) => link.spanId);
      const [process] = find(sink.spansOfTrace(traceId), /^process /);
      expect(linked).toEqual([process?.spanId]);
      const own = sink.spansOfTrace(confirm?.traceId ?? '');
      expect(find(own, /^send .*email-verification\.verifications$/)).toHaveLength(1);
    },
    { within: '20s' },
  );
  const verified = (await service.eventsOf(flow.account_id)).find(({ type }) => type === 'email.verified');
  expect(verified?.traceparent).not.toContain(traceId);
});

test('neither spans nor logs hold a code, a link token or an address', async () => {
  const { traceId, flow, mail } = await tracedFlow();
  const { code, token } = credentialsOf(mail);
  service.suite.smtp.misbehave({ recipient: 550, recipients: ['refused@example.com'] });
  await service.request({ email: 'refused@example.com' });
  const [confirm, page] = [`/api/v1/email-verifications/${flow.flow_id}/confirm`, `/verify/${flow.flow_id}/${token}`];
  await service.postJson(confirm, { code: wrongCode(code) });
  await service.postJson(confirm, { code, token });
  await service.get(page);
  await service.get(`${page}?x=${token}`);
  await service.get(`/verify/nonsense/${token}`);
  await service.postForm(page);
  await service.postJson(confirm, { code });
  await eventually(() => expect(find(sink.spans, 'POST /verify/:flow_id/:token')).toHaveLength(1), { within: '20s' });
  await eventually(() => expect(lines.join()).toContain('mail_not_taken'), { within: '20s' });
  const spans = JSON.stringify(sink.spans, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  for (const written of [spans, lines.join('\n')]) {
    const plain = code.replace('-', '');
    for (const secret of [code, plain, wrongCode(code), token, flow.email, 'refused@example.com'])
      expect(written).not.toContain(secret);
  }
  // Control: the same search finds what has to be there.
  expect(spans).toContain(traceId);
  expect(lines.join('\n')).toContain('/verify/:flow_id/:token');
});
