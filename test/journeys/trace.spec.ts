import { randomBytes } from 'node:crypto';
import { createSuite, eventually, OtlpSink } from '@gatehouse/testing';
import type { SpanNode, Suite } from '@gatehouse/testing';
import { startServices, stopServices } from '../platform/service-process.ts';
import type { Services } from '../platform/service-process.ts';
import { Browser, formOf } from './browser.ts';

let suite: Suite;
let sink: OtlpSink;
let services: Services;

beforeAll(async () => {
  sink = await OtlpSink.start();
  suite = await createSuite('trace');
  const exporter = {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_TRACES_SAMPLER_ARG: '1',
  };
  services = await startServices(suite, exporter);
}, 180_000);

afterAll(async () => {
  if (services) await stopServices(services);
  await suite?.dispose();
  await sink?.stop();
}, 60_000);

/** One trace without its database calls, as indented lines; siblings in alphabetical order, since they may race. */
function outline(traceId: string): string {
  const lines = (nodes: readonly SpanNode[], indent: string): string[] =>
    nodes
      .filter(({ span }) => !span.name.startsWith('pg'))
      .map(({ span, children }) => [
        `${indent}${span.service}: ${span.name} (${span.kind})`,
        ...lines(children, `${indent}  `),
      ])
      .sort(([a = ''], [b = '']) => a.localeCompare(b))
      .flat();
  return lines(sink.tree(traceId), '').join('\n');
}

/** Registers a person over HTTP under a trace of our own. */
async function register(email: string): Promise<string> {
  const traceId = randomBytes(16).toString('hex');
  const answer = await fetch(`${suite.url('token')}/api/v1/accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` },
    body: JSON.stringify({ email, password: randomBytes(18).toString('base64url') }),
  });
  expect(answer.status).toBe(202);
  return traceId;
}

test('a registration is one trace from HTTP through outbox, Kafka and mail to the audit entries; the click in the mail is a second one that links to it', async () => {
  const email = `grace.${randomBytes(4).toString('hex')}@example.com`;
  const registration = await register(email);
  await eventually(() => expect(outline(registration)).toBe(REGISTRATION), { within: '20s' });

  const mail = suite.smtp.mailsTo(email)[0]!;
  const person = new Browser();
  await person.submit(await formOf(await person.get(/https?:\/\/\S+\/verify\/\S+/.exec(mail.text)![0])));
  const click = await eventually(() => sink.spansLinkedTo(registration)[0] ?? false, { within: '20s' });
  expect(click.traceId).not.toBe(registration);
  expect(click.parentSpanId).toBeFalsy();
  await eventually(() => expect(outline(click.traceId)).toBe(CONFIRMATION), { within: '20s' });
  const linked = sink.spansOfTrace(registration).find(({ spanId }) => spanId === click.links[0]!.spanId);
  expect(linked?.name).toBe('process email-verification.commands');
}, 60_000);

test('no span of a worker that polls by itself joins the trace of the request that happened to wake it', async () => {
  const first = await register(`hedy.${randomBytes(4).toString('hex')}@example.com`);
  await eventually(() => expect(outline(first)).toBe(REGISTRATION), { within: '20s' });
  const before = sink.spansOfTrace(first).length;
  const second = await register(`joan.${randomBytes(4).toString('hex')}@example.com`);
  await eventually(() => expect(outline(second)).toBe(REGISTRATION), { within: '20s' });
  expect(sink.spansOfTrace(first)).toHaveLength(before);
}, 60_000);

const REGISTRATION = `token: POST /api/v1/accounts (server)
  audit-log: process token.accounts (consumer)
  email-verification: process email-verification.commands (consumer)
    audit-log: process email-verification.verifications (consumer)
    email-verification: send email-verification.verifications (producer)
    email-verification: send mail (client)
      audit-log: process email-verification.verifications (consumer)
      email-verification: send email-verification.verifications (producer)
  token: send email-verification.commands (producer)
  token: send token.accounts (producer)`;

const CONFIRMATION = `email-verification: POST /verify/:flow_id/:token (server)
  audit-log: process email-verification.verifications (consumer)
  email-verification: send email-verification.verifications (producer)
  token: process email-verification.verifications (consumer)
    audit-log: process token.accounts (consumer)
    token: send token.accounts (producer)`;
