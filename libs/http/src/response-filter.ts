import type { Endpoint } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { endpointOf } from './endpoint.ts';
import { contentSecurityPolicy, Page, Redirect } from './page.ts';
import { SignedAnswer } from './signed-answer.ts';
import { entityTag } from './preconditions.ts';

/**
 * Sends what the endpoint declares and nothing else: undeclared fields are dropped, and an answer that does not match is
 * a 500. It sits where Nest hands a handler's result to the server; an interceptor would cost 20 µs a request more.
 */
export class EndpointAdapter extends FastifyAdapter {
  override reply(reply: FastifyReply, result: unknown, statusCode?: number): FastifyReply {
    return super.reply(reply, declaredAnswer(endpointOf(reply.request), result, reply), statusCode); // -- what the adapter returns is `reply`
  }
}

function declaredAnswer(endpoint: Endpoint | undefined, result: unknown, reply: FastifyReply): unknown {
  const body = endpoint?.success.body;
  if (body === undefined) throw undeclared(endpoint, 'no declared answer');
  if (result instanceof SignedAnswer) return signedAnswer(endpoint, result, reply);
  if (typeof body === 'object') {
    const parsed = body.safeParse(result);
    if (parsed.success) return tagged(parsed.data, reply);
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
    throw undeclared(endpoint, issues.join('; '));
  }
  if (body === 'none') return undefined;
  if (result instanceof Page) return pageAnswer(result, reply);
  if (result instanceof Redirect) return redirectAnswer(result, reply);
  throw undeclared(endpoint, 'neither a page nor a redirect');
}

/** A resource that has a version is answered with its ETag (RFC 9110 8.8.3). */
function tagged(body: unknown, reply: FastifyReply): unknown {
  if (typeof body === 'object' && body !== null && 'version' in body && typeof body.version === 'number')
    void reply.header('etag', entityTag(body.version));
  return body;
}

/** The detail names fields and types, never values, because it is logged. */
function undeclared(endpoint: Endpoint | undefined, detail: string): Problem {
  return new Problem('internal-error', {
    cause: new Error(`The answer of ${endpoint?.id ?? 'an undeclared route'} is not what it declares: ${detail}`),
  });
}

function pageAnswer({ content, options }: Page, reply: FastifyReply): string {
  if (options.status !== undefined) void reply.code(options.status);
  void reply.type('text/html; charset=utf-8');
  void reply.header('content-security-policy', contentSecurityPolicy(options));
  return content.text;
}

function signedAnswer(endpoint: Endpoint | undefined, { jwt }: SignedAnswer, reply: FastifyReply): string {
  const mediaType = endpoint?.success.jwt;
  if (mediaType === undefined) throw undeclared(endpoint, 'a JWT');
  void reply.type(mediaType);
  return jwt;
}

function redirectAnswer({ location, status }: Redirect, reply: FastifyReply): undefined {
  void reply.code(status).header('location', location);
}
