import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import type { EventContext } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { log, measureRequests, runInContext, traceRequests } from '@gatehouse/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { keepReply } from './answer-header.ts';
import { useBodyParsers } from './body-parsers.ts';
import { useClientCertificates } from './client-certificate.ts';
import { requestIdOf } from './request-id.ts';
import type { ServiceConfig } from './service-options.ts';
import { toRefusal } from './refusal.ts';
import { EndpointAdapter } from './response-filter.ts';

/** Long enough for the tokens in links, short enough to be no denial of service. */
const PARAM_LENGTH_MAX = 512;
const HEADERS_TIMEOUT_MS = 10_000;
const CONNECTIONS_CHECK_MS = 1_000;

/** What bounds the time of a connection, on either port. */
export function httpTimeouts(config: ServiceConfig) {
  return {
    headersTimeout: Math.min(HEADERS_TIMEOUT_MS, config.REQUEST_TIMEOUT_MS),
    connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
  };
}

/** The public server with everything that holds for every request: ids, context, traces, metrics, headers, limits. */
export async function createServer(config: ServiceConfig): Promise<EndpointAdapter> {
  const adapter = new EndpointAdapter({
    logger: false,
    skipMiddie: true,
    multipart: false,
    trustProxy: config.TRUSTED_PROXIES.length > 0 ? [...config.TRUSTED_PROXIES] : false,
    requestIdHeader: false,
    genReqId: requestIdOf,
    bodyLimit: config.BODY_LIMIT_BYTES,
    requestTimeout: config.REQUEST_TIMEOUT_MS,
    keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT_MS,
    connectionTimeout: 4 * config.REQUEST_TIMEOUT_MS,
    return503OnClosing: false,
    http: httpTimeouts(config),
    // Endpoints parse their own query by their own schema.
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX, querystringParser: () => ({}) },
    frameworkErrors: refuseUrl,
    clientErrorHandler: refuseConnection,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  keepContext(fastify);
  useClientCertificates(fastify, config);
  traceRequests(fastify);
  measureRequests(fastify);
  useHeaders(fastify, config);
  logRequests(fastify);
  await fastify.register(fastifyCookie);
  useBodyParsers(fastify);
  return adapter;
}

const USER_AGENT_LENGTH_MAX = 512;

/** Everything that a request starts, reading its body included, runs in its context. */
function keepContext(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const context: EventContext = {
      actor_kind: 'anonymous',
      actor_id: null,
      request_id: request.id,
      ip: request.ip,
      user_agent: request.headers['user-agent']?.slice(0, USER_AGENT_LENGTH_MAX) ?? null,
    };
    keepReply(context, reply);
    runInContext(context, done);
  });
}

/** For every answer, errors included. Nothing may be cached, framed, sniffed or executed unless an endpoint says so. */
function useHeaders(fastify: FastifyInstance, config: ServiceConfig): void {
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(config.SERVICE_URL.startsWith('https:') && {
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    }),
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(headers).header('x-request-id', request.id);
    done();
  });
}

function logRequests(fastify: FastifyInstance): void {
  const requests = log('http');
  fastify.addHook('onResponse', (request, reply, done) => {
    requests.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unmatched',
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime * 100) / 100,
      },
      'request_completed',
    );
    done();
  });
}

/** The router refuses a malformed URL before any hook has run. */
function refuseUrl(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = toRefusal(error);
  const problem = refusal instanceof Problem ? refusal : new Problem('invalid-input', { cause: error });
  void reply.code(problem.status).header('x-request-id', request.id).header('cache-control', 'no-store');
  void reply.type('application/problem+json; charset=utf-8').send(JSON.stringify(problem.toBody(request.id)));
}

/** What is no HTTP, or came too slowly or too large, has no request and so no reply: the answer is written by hand. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const problem = new Problem(connectionProblem(error.code));
  const body = JSON.stringify(problem.toBody(randomUUID()));
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.code}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'cache-control: no-store',
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function connectionProblem(code: string | undefined) {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers-too-large';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout';
  return 'invalid-input';
}
