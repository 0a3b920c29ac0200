import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { observeRequest } from '@gatehouse/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestIdOf } from './request-id.ts';

/** What an answer says may be as late as this. */
export const SHARED_ANSWER_KEPT_MS = 1_000;
/** An answer with any of these is nobody else's. */
const PERSONAL = ['set-cookie', 'vary', 'ratelimit', 'connection'] as const;

interface SharedAnswer {
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly untilMs: number;
}

/**
 * Answers that say of themselves that anyone may have them from a shared cache (`Cache-Control: public`, RFC 9111
 * 5.2.2.9) are kept for a second, and given to whoever asks for the same path, before any other work: key sets and
 * metadata are asked for by every verifier there is. Such a request is counted, and neither logged nor traced; one that
 * brings a trace goes the whole way.
 */
export class SharedAnswers {
  readonly #answers = new Map<string, SharedAnswer>();

  /** @param isClosing then each answer has to close its connection, which only the whole way does */
  constructor(private readonly isClosing: () => boolean) {}

  /** Puts itself before everything that `fastify` does with a request. */
  install(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (request, reply, payload, done) => {
      this.#keep(request, reply, payload);
      done();
    });
    const { server } = fastify;
    const listeners = server.listeners('request') as RequestListener[]; // -- what Node calls with a request
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (!this.#answer(request, response)) for (const listener of listeners) listener(request, response);
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url = '', headers } = request;
    const known = method === 'GET' ? this.#answers.get(url) : undefined;
    if (!known || performance.now() >= known.untilMs) return false;
    if (headers.traceparent !== undefined || this.isClosing()) return false;
    response.writeHead(200, [...known.headers, 'x-request-id', requestIdOf(request)]);
    response.end(known.body);
    observeRequest({ method: 'GET', route: url, status: 200 }, 0);
    return true;
  }

  /** Only of a route without parameters and a request without a query, so that there are few of them. */
  #keep(request: FastifyRequest, reply: FastifyReply, payload: unknown): void {
    const { url } = request.raw;
    if (request.method !== 'GET' || reply.statusCode !== 200 || url === undefined) return;
    if (url !== request.routeOptions.url || !isShared(reply) || typeof payload !== 'string') return;
    const body = Buffer.from(payload);
    const kept = Object.entries({ ...reply.getHeaders(), 'content-length': body.length });
    const headers = kept.flatMap(([name, value]) => (name === 'x-request-id' ? [] : [name, String(value)]));
    this.#answers.set(url, { headers, body, untilMs: performance.now() + SHARED_ANSWER_KEPT_MS });
  }
}

function isShared(reply: FastifyReply): boolean {
  const directives = String(reply.getHeader('cache-control')).split(/\s*,\s*/);
  return directives.includes('public') && !PERSONAL.some((name) => reply.hasHeader(name));
}
