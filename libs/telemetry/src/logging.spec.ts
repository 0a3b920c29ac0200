import { configureLogging, log, nestLogger, runInContext, startTelemetry, withSpan } from './index.ts';

interface Line {
  readonly [field: string]: unknown;
}

const lines: Line[] = [];
let raw = '';

beforeAll(async () => {
  await Promise.resolve(
    startTelemetry({
      service: 'token',
      settings: { OTEL_TRACES_EXPORTER: 'none', OTEL_TRACES_SAMPLER_ARG: 1 } as never,
    }), // -- the endpoints are optional
  );
  configureLogging({
    service: 'token',
    level: 'trace',
    sink: {
      write(line) {
        raw += line;
        lines.push(JSON.parse(line) as Line);
      },
    },
  });
});
beforeEach(() => {
  lines.length = 0;
  raw = '';
});

const request = {
  actor_kind: 'anonymous',
  actor_id: null,
  request_id: 'request-1',
  ip: null,
  user_agent: null,
} as const;

test('a line is JSON with time, level, service, component and message', () => {
  log('relay').info({ topic: 'token.accounts' }, 'relay_started');
  expect(lines).toEqual([
    {
      level: 'INFO',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      service: 'token',
      component: 'relay',
      topic: 'token.accounts',
      message: 'relay_started',
    },
  ]);
});

test('levels have the names that operators query', () => {
  const logger = log('levels');
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) logger[level]('x');
  expect(lines.map(({ level }) => level)).toEqual(['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'FATAL']);
});

test('a line names the request and the trace it belongs to', async () => {
  await runInContext({ ...request }, () =>
    withSpan('work', {}, async (span) => {
      await Promise.resolve();
      log('work').info('done');
      const { traceId, spanId } = span.spanContext();
      expect(lines[0]).toMatchObject({ trace_id: traceId, span_id: spanId, request_id: 'request-1' });
    }),
  );
  log('work').info('outside');
  expect(lines[1]).not.toHaveProperty('trace_id');
  expect(lines[1]).not.toHaveProperty('request_id');
});

test('a logger made before the level was configured follows it', () => {
  const early = log('early');
  configureLogging({
    service: 'token',
    level: 'warn',
    sink: { write: (line) => lines.push(JSON.parse(line) as Line) },
  });
  early.info('hidden');
  early.warn('shown');
  expect(lines.map(({ message }) => message)).toEqual(['shown']);
  configureLogging({ service: 'token', level: 'trace', sink: { write: (line) => void (raw += line) } });
});

test('secrets are redacted in fields, in messages and in errors with their causes', () => {
  const secret = 'gh_secret_Zk2mQ8vT1xR7yL05';
  const error = new Error(`client sent ${secret}`, { cause: new Error(`because of password=${secret}`) });
  log('x').error({ err: error, headers: { authorization: secret }, token: secret, nested: [{ note: secret }] }, secret);
  expect(raw).not.toContain('Zk2mQ8vT1xR7yL05');
  expect(raw).toContain('[redacted]');
  // The control: the error itself was logged.
  expect(raw).toContain('because of');
});

test('an error is written without the objects that hang on it: a driver leaves its whole connection there', () => {
  const client = { secretKey: 'k9f3', connectionParameters: { host: 'db' } };
  log('x').error({ err: Object.assign(new Error('gone'), { client, code: 'ECONNRESET', port: 5432 }) }, 'lost');
  expect((JSON.parse(raw) as Line)['err']).toMatchObject({ message: 'gone', code: 'ECONNRESET', port: 5432 });
  expect(raw).not.toContain('secretKey');
});

test("Nest's own lines are written like ours", () => {
  configureLogging({
    service: 'token',
    level: 'info',
    sink: { write: (line) => lines.push(JSON.parse(line) as Line) },
  });
  nestLogger.log('Mapped {/x, GET} route', 'RouterExplorer');
  nestLogger.warn('slow', 'Injector');
  nestLogger.error(new Error('boom'), 'ExceptionHandler');
  nestLogger.error('text', 'Error: stack', 'Scheduler');
  expect(lines).toMatchObject([
    { level: 'WARNING', component: 'Injector', message: 'slow' },
    { level: 'ERROR', component: 'ExceptionHandler', message: 'boom', err: { type: 'Error' } },
    { level: 'ERROR', component: 'Scheduler', message: 'text', stack: 'Error: stack' },
  ]);
});
