import { createSuite, eventually, OtlpSink } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { startServices, stopServices } from '../platform/service-process.ts';
import type { Services } from '../platform/service-process.ts';
import { destinationOf, sinkMailbox } from '../platform/suite-destination.ts';
import { EXPECTED_ACTIONS, makeJourney } from './journey.ts';

let suite: Suite;
let sink: OtlpSink;
let services: Services;

beforeAll(async () => {
  sink = await OtlpSink.start();
  suite = await createSuite('journey');
  services = await startServices(suite, {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_TRACES_SAMPLER_ARG: '1',
    LOG_LEVEL: 'debug',
  });
}, 180_000);

afterAll(async () => {
  if (services) await stopServices(services);
  await suite?.dispose();
  await sink?.stop();
}, 60_000);

test('a person registers, confirms, logs in, is granted, refreshes and is refused after revocation, and the audit log holds every step', async () => {
  const result = await makeJourney(destinationOf(suite), sinkMailbox(suite));
  expect(result.auditedActions).toEqual(expect.arrayContaining([...EXPECTED_ACTIONS]));
}, 120_000);

test('no secret of the journey reaches a log', () => {
  const output = Object.values(services)
    .map(({ output }) => output)
    .join('\n');
  expect(output).toContain('"trace_id"');
  const mail = suite.smtp.mails.at(-1)!;
  const [, linkToken] = /\/verify\/[^/]+\/([\w-]+)/.exec(mail.text)!;
  const secrets = [
    linkToken!,
    ...suite.seed.clients.map(({ secret }) => secret),
    ...suite.seed.accounts.map(({ password }) => password),
  ];
  expect(secrets.filter((secret) => output.includes(secret))).toEqual([]);
  expect(output).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/);
  expect(output).not.toContain(mail.to[0]);
});

test('a service stops in order when it is asked to', async () => {
  expect(await services['email-verification'].stop()).toBe(0);
  await eventually(() => !services['email-verification'].running, { within: '1s' });
}, 30_000);
