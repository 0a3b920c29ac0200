import { context, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { durationBuckets, histogram } from './metrics.ts';
import { extractTraceparent, tracer } from './spans.ts';

const SPAN = Symbol('span of the request');
type Traced = FastifyRequest & { [SPAN]?: Span };

/** The route's template, so that ids and tokens in paths reach neither metrics nor traces. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unmatched';
}

/** One server span for each request, continuing the caller's W3C trace; active in every later hook and handler. */
export function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request: Traced, _reply, done) => {
    const { traceparent, tracestate } = request.headers;
    const parent = extractTraceparent({
      ...(traceparent !== undefined && { traceparent: String(traceparent) }),
      ...(tracestate !== undefined && { tracestate: String(tracestate) }),
    });
    const route = routeOf(request);
    const span = tracer.startSpan(
      `${request.method} ${route}`,
      { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method, 'http.route': route } },
      parent,
    );
    request[SPAN] = span;
    context.with(trace.setSpan(parent, span), done);
  });
  const end = (request: Traced, statusCode: number) => {
    const span = request[SPAN];
    span?.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  };
  fastify.addHook('onResponse', (request: Traced, reply, done) => {
    end(request, reply.statusCode);
    done();
  });
  fastify.addHook('onRequestAbort', (request: Traced, done) => {
    end(request, CLIENT_CLOSED_REQUEST);
    done();
  });
}

/** The client went away before it had its answer. */
const CLIENT_CLOSED_REQUEST = 499;

/** RED per route; its count gives rate and errors. */
const duration = histogram({
  name: 'http_server_request_duration_seconds',
  help: 'Time from a request to its whole response.',
  labels: ['method', 'route', 'status'],
  buckets: durationBuckets,
});

/** Counts each request when it has its answer, or its caller has gone. */
export function measureRequests(fastify: FastifyInstance): void {
  const observe = (request: FastifyRequest, reply: Pick<FastifyReply, 'elapsedTime'> | undefined, status: number) =>
    observeRequest({ method: request.method, route: routeOf(request), status }, reply?.elapsedTime ?? 0);
  fastify.addHook('onResponse', (request, reply, done) => {
    observe(request, reply, reply.statusCode);
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    observe(request, undefined, CLIENT_CLOSED_REQUEST);
    done();
  });
}

/** Counts one request, with the time to its whole response. */
export function observeRequest(labels: { method: string; route: string; status: number }, elapsedMs: number): void {
  duration.observe(labels, elapsedMs / 1_000);
}
