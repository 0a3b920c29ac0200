import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Endpoint } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { endpointOf } from './endpoint.ts';
import { contentSecurityPolicy, Page, Redirect } from './page.ts';

/** Sends what the endpoint declares and nothing else: undeclared fields are dropped, anything that does not match is a 500. */
export class ResponseFilter implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const endpoint = endpointOf(http.getRequest<FastifyRequest>());
    return next.handle().pipe(map((result) => filtered(endpoint, result, http.getResponse<FastifyReply>())));
  }
}

function filtered(endpoint: Endpoint | undefined, result: unknown, reply: FastifyReply): unknown {
  const body = endpoint?.success.body;
  if (body === undefined) throw undeclared(endpoint, 'no declared answer');
  if (typeof body === 'object') {
    const parsed = body.safeParse(result);
    if (parsed.success) return parsed.data;
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
    throw undeclared(endpoint, issues.join('; '));
  }
  if (body === 'none') return undefined;
  if (result instanceof Page) return sendPage(result, reply);
  if (result instanceof Redirect) return sendRedirect(result, reply);
  throw undeclared(endpoint, `neither a page nor a redirect`);
}

/** The detail names fields and types, never values, because it is logged. */
function undeclared(endpoint: Endpoint | undefined, detail: string): Problem {
  return new Problem('internal-error', {
    cause: new Error(`The answer of ${endpoint?.id ?? 'an undeclared route'} is not what it declares: ${detail}`),
  });
}

function sendPage({ content, options }: Page, reply: FastifyReply): string {
  if (options.status !== undefined) void reply.code(options.status);
  void reply.type('text/html; charset=utf-8');
  void reply.header('content-security-policy', contentSecurityPolicy(options.formAction));
  return content.text;
}

function sendRedirect({ location, status }: Redirect, reply: FastifyReply): undefined {
  void reply.code(status).header('location', location);
}
