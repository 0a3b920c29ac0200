import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { createSuite, eventually, OtlpSink, type Suite } from '@gatehouse/testing';

let suite: Suite;
let sink: OtlpSink;
beforeAll(async () => {
  suite = await createSuite('instrumentation');
  sink = await OtlpSink.start();
});
afterAll(async () => {
  await suite.dispose();
  await sink.stop();
});

const usePgAndRedis = `
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  const redis = new Redis(process.env.REDIS_URL);
  await client.connect();
  await client.query('SELECT 1 AS background');
  const traceId = await withSpan('request', {}, async (span) => {
    await client.query('SELECT $1::text AS given', ['s3cr3t-parameter']);
    await redis.set('s3cr3t-key', 's3cr3t-value');
    return span.spanContext().traceId;
  });
  await client.end();
  redis.disconnect();
`;

/** Runs ES modules the way a service's process does, and returns the id of the trace. */
async function run(order: 'instrumented before' | 'instrumented after'): Promise<string> {
  const program = `
    import { instrumentModules, startTelemetry, withSpan } from '@gatehouse/telemetry';
    const settings = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: process.env.SINK, OTEL_TRACES_SAMPLER_ARG: 1 };
    ${order === 'instrumented before' ? 'instrumentModules();' : ''}
    const { default: pg } = await import('pg');
    const { Redis } = await import('ioredis');
    ${order === 'instrumented after' ? 'instrumentModules();' : ''}
    const telemetry = startTelemetry({ service: 'token', settings });
    ${usePgAndRedis}
    await telemetry.shutdown();
    process.stderr.write('trace ' + traceId);
  `;
  const options = ['--import=@swc-node/register/esm-register', '--conditions=@gatehouse/source', '--input-type=module'];
  const { stderr } = await promisify(execFile)(process.execPath, [...options, '--eval', program], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      PATH: process.env.PATH,
      SINK: sink.url,
      DATABASE_URL: suite.databaseUrl('token'),
      REDIS_URL: suite.redisStateUrl,
    },
  });
  const traceId = /trace ([0-9a-f]{32})/.exec(stderr)?.[1];
  if (!traceId) throw new Error(stderr);
  return traceId;
}

test('pg and ioredis produce spans under the request, without parameters, keys or values', async () => {
  const traceId = await run('instrumented before');
  await eventually(() => expect(sink.spansOfTrace(traceId).length).toBeGreaterThanOrEqual(3), { within: '5s' });
  const [root] = sink.tree(traceId);
  const children = root?.children.map(({ span }) => span) ?? [];
  expect(root?.span.name).toBe('request');
  expect(children.map(({ name }) => name).sort()).toEqual([expect.stringMatching(/^pg.query/), 'set']);
  expect(inspect(sink.spans, { depth: null })).not.toContain('s3cr3t');
});

test('background work, which has no request, produces no spans', () => {
  expect(inspect(sink.spans, { depth: null })).not.toContain('background');
});

test('modules loaded before their instrumentation produce none, which is why services are imported dynamically', async () => {
  const traceId = await run('instrumented after');
  await eventually(() => sink.spansOfTrace(traceId).length > 0, { within: '5s' });
  expect(sink.spansOfTrace(traceId).map(({ name }) => name)).not.toContain('set');
});
