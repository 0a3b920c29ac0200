import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IssuerMetadata, ServiceToken } from '@gatehouse/authn';
import { TestIssuer } from '@gatehouse/authn/testing';
import { Secret } from '@gatehouse/config';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { injectTraceparent, startTelemetry, withSpan } from '@gatehouse/telemetry';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { AuthorizationClient } from './authorization-client.ts';

interface Seen {
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

let issuer: TestIssuer;
let server: Server;
let answer: RequestListener;
let seen: Seen[];
let connections: number;
let client: AuthorizationClient;
beforeAll(() => {
  // What `instrumentModules` does for fetch; its module hooks do not work inside jest.
  registerInstrumentations({ instrumentations: [new UndiciInstrumentation({ requireParentforSpans: true })] });
  startTelemetry({
    service: 'audit-log',
    settings: {
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: undefined,
      OTEL_TRACES_SAMPLER_ARG: 1,
    },
  });
});
beforeEach(async () => {
  [issuer, seen, connections] = [await TestIssuer.start(), [], 0];
  answer = allow(true);
  server = createServer((request, response) => void listen(request, response));
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const secret = new Secret('a client secret of some length');
  const tokens = new ServiceToken({ clientId: 'audit-log', clientSecret: secret }, new IssuerMetadata(issuer.url));
  client = new AuthorizationClient({ url: url(), deadlineMs: 500 }, tokens);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await issuer.close();
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const allow =
  (allowed: unknown): RequestListener =>
  (_request, response) =>
    void response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ allowed, cache_status: 'cache_miss' }));
const status =
  (code: number): RequestListener =>
  (_request, response) =>
    void response
      .writeHead(code, { 'content-type': 'application/json' })
      .end('{"allowed":true,"cache_status":"cache_miss"}');

async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = Buffer.concat(await request.toArray()).toString();
  seen.push({ headers: request.headers, body: JSON.parse(text) as unknown });
  answer(request, response);
}

const question = { user_id: 'ada', org_id: PLATFORM_ORGANIZATION_ID, permission: 'audit:read' };

/** What came of a check: the answer, or the code of the problem. */
function outcome(of: Pick<AuthorizationClient, 'check'> = client): Promise<string> {
  return of.check(question).then(
    ({ allowed }) => `allowed: ${allowed}`,
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );
}

test('the answer is passed on, and the question is asked with a token for that service', async () => {
  expect(await outcome()).toBe('allowed: true');
  answer = allow(false);
  expect(await outcome()).toBe('allowed: false');
  expect(seen[0]?.body).toEqual(question);
  const [, payload = ''] = (seen[0]?.headers.authorization ?? '').split('.');
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ sub: 'audit-log', aud: [url()] });
});

test('a check belongs to the trace that asks', async () => {
  const asked = await withSpan('request', {}, async () => {
    await client.check(question);
    return injectTraceparent().traceparent;
  });
  const traceIdOf = (traceparent: unknown) => String(traceparent).split('-')[1];
  expect(asked).toBeDefined();
  expect(traceIdOf(seen[0]?.headers['traceparent'])).toBe(traceIdOf(asked));
});

test('a hundred checks use one token, and connections that were open already', async () => {
  for (let i = 0; i < 100; i++) await client.check(question);
  expect(connections).toBeLessThan(5);
  expect(issuer.requestsOf('/oauth/token')).toBe(1);
});

const failures: Readonly<Record<string, RequestListener>> = {
  'a refusal of the caller': status(403),
  'a question that it does not understand': status(400),
  'a permission that it does not know': status(422),
  'an error': status(500),
  'an allow with another status': status(202),
  'a redirect': (_request, response) => void response.writeHead(307, { location: `${url()}/elsewhere` }).end(),
  'an answer that is not JSON': (_request, response) => void response.end('true'),
  'an answer without a decision': (_request, response) => void response.end('{}'),
  'a decision that is not a boolean': allow('true'),
  'half an answer': (_request, response) => void (response.write('{"allowed":'), response.destroy()),
  silence: () => undefined,
  'headers and then silence': (_request, response) => void response.write('{"allowed":true'),
};

test.each(Object.keys(failures))('%s is a 503, never an allow', async (failure) => {
  answer = failures[failure]!;
  expect(await outcome()).toBe('dependency-unavailable');
});

test('the table above catches a client that lets callers pass when it cannot ask', async () => {
  const lenient = { check: (asked: typeof question) => client.check(asked).catch(() => ({ allowed: true })) };
  answer = failures['an error']!;
  expect(await outcome(lenient)).not.toBe('dependency-unavailable');
});

test('a service that is not there, and an issuer that gives no token, are a 503', async () => {
  issuer.down = true;
  expect(await outcome()).toBe('dependency-unavailable');
  issuer.down = false;
  expect(await outcome()).toBe('allowed: true');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await outcome()).toBe('dependency-unavailable');
});

test('the deadline holds for the whole check', async () => {
  answer = failures['silence']!;
  const startedAt = performance.now();
  await outcome();
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('a token that was revoked is replaced, once', async () => {
  await client.check(question);
  const [refuse, accept] = [status(401), allow(true)];
  answer = (request, response) => (seen.length === 2 ? refuse : accept)(request, response);
  expect(await outcome()).toBe('allowed: true');
  expect(seen[2]?.headers.authorization).not.toBe(seen[1]?.headers.authorization);
  answer = refuse;
  const before = seen.length;
  expect(await outcome()).toBe('dependency-unavailable');
  expect(seen.length - before).toBe(2);
});
