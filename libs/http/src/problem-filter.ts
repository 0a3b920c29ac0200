import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { OAuthError, Problem } from '@gatehouse/problem';
import { currentContext, log } from '@gatehouse/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PermissionDenied, requiredPermission } from './access.ts';
import { endpointOf } from './endpoint.ts';
import { html } from './html.ts';
import { contentSecurityPolicy, page } from './page.ts';
import { refusalFor, toRefusal } from './refusal.ts';
import type { RefusalCounter } from './refusal-counter.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { RouteTable } from './route-table.ts';

/** Refusals that only the application can judge, so they are facts of their own (or none) and not counted here. */
const uncounted = new Set<string>(['conflict', 'already-exists', 'gone', 'precondition-failed', 'unprocessable']);

/** The one place where anything thrown becomes an answer: RFC 9457, RFC 6749 5.2 or a page, as the endpoint declares. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly refusals: RefusalLog | undefined,
    private readonly counter: RefusalCounter,
    private readonly routes: RouteTable,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    await this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  private async answer(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const refusal = refusalFor(endpointOf(request), this.orMethodNotAllowed(error, request));
    if (refusal.status >= 500)
      log('http').error({ err: refusal.cause ?? refusal, code: refusal.code }, 'request_failed');
    try {
      await this.record(error, refusal, request);
    } catch (failure) {
      // A denial that cannot be recorded stays a refusal, but says that it is not the final word.
      log('http').error({ err: failure }, 'denial_not_recorded');
      send(refusalFor(endpointOf(request), failureOf(failure)), request, reply);
      return;
    }
    send(refusal, request, reply);
  }

  private orMethodNotAllowed(error: unknown, request: FastifyRequest): unknown {
    // Where there is no endpoint, no content type could be the right one.
    if (endpointOf(request) || ![404, 415].includes(toRefusal(error).status)) return error;
    const methods = this.routes.methodsOf(request.url);
    if (methods.length > 0) return new Problem('method-not-allowed', { headers: { allow: methods.join(', ') } });
    return new Problem('not-found', { cause: error });
  }

  private async record(error: unknown, refusal: Problem | OAuthError, request: FastifyRequest): Promise<void> {
    if (refusal.status >= 500) return;
    const { actor_kind, actor_id } = currentContext();
    const denied = refusal.status === 403 || error instanceof PermissionDenied;
    if (denied && actor_kind !== 'anonymous' && actor_id !== null) {
      await this.refusals?.denied({ ...denialOf(error, request), subjectId: actor_id });
    } else if (!uncounted.has(refusal.code) && !(refusal instanceof OAuthError && refusal.recorded)) {
      // An OAuth endpoint says 429 with a code of RFC 6749 that it shares with 503.
      this.counter.count(request.ip, refusal.status === 429 ? 'too-many-requests' : refusal.code);
    }
  }
}

function denialOf(error: unknown, request: FastifyRequest) {
  const endpoint = endpointOf(request);
  const required = endpoint && requiredPermission(endpoint);
  return {
    endpoint: endpoint?.id ?? 'unknown',
    permission: error instanceof PermissionDenied ? error.permission : (required?.permission.name ?? 'none'),
    organizationId: error instanceof PermissionDenied ? error.organizationId : null,
    belongs: error instanceof PermissionDenied && error.belongs,
  };
}

function failureOf(failure: unknown): Problem {
  const refusal = toRefusal(failure);
  return refusal instanceof Problem && refusal.status === 503
    ? refusal
    : new Problem('dependency-unavailable', { cause: failure, retryAfterSeconds: 1 });
}

function send(refusal: Problem | OAuthError, request: FastifyRequest, reply: FastifyReply): void {
  if (reply.sent) return;
  void reply.code(refusal.status).headers(refusal.headers);
  if (refusal.status === 401 && !reply.hasHeader('www-authenticate')) {
    void reply.header('www-authenticate', challenge(refusal, request));
  }
  if (refusal instanceof OAuthError) {
    void reply.type('application/json; charset=utf-8').send(JSON.stringify(refusal.toBody()));
  } else if (endpointOf(request)?.errorFormat === 'page') {
    void reply.type('text/html; charset=utf-8').header('content-security-policy', contentSecurityPolicy());
    void reply.send(errorPage(refusal, request.id));
  } else {
    void reply.type('application/problem+json; charset=utf-8').send(JSON.stringify(refusal.toBody(request.id)));
  }
}

/** RFC 6750 3: the error is named only to a caller that presented a token; RFC 6749 5.2 for clients. */
function challenge(refusal: Problem | OAuthError, request: FastifyRequest): string {
  if (refusal instanceof OAuthError && refusal.code === 'invalid_client') return 'Basic realm="gatehouse"';
  return request.headers.authorization === undefined
    ? 'Bearer realm="gatehouse"'
    : 'Bearer realm="gatehouse", error="invalid_token"';
}

function errorPage(problem: Problem, requestId: string): string {
  const { title, detail } = problem.toBody(requestId);
  const body = html`<p role="alert">${detail ?? 'Please go back and try again.'}</p>
    <p><small>Request ${requestId}</small></p>`;
  return page(title, body).content.text;
}
