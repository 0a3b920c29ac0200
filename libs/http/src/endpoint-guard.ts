import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Endpoint } from '@gatehouse/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { needsToken, requiredPermission, type AccessPolicy } from './access.ts';
import { endpointOf, setInput } from './endpoint.ts';
import { inputParser, type InputParser } from './parse-input.ts';
import type { RequestLimits } from './request-limits.ts';

/**
 * Identifies the caller, and counts its request, before its body is read, so that nobody uploads a megabyte to be told
 * 401 or 429. A caller whose token was refused is counted too: as nobody, by its address.
 */
export function authenticateFirst(
  fastify: FastifyInstance,
  policy: AccessPolicy,
  limits: RequestLimits | undefined,
): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const endpoint = endpointOf(request);
    if (!endpoint) return done();
    const admitted = needsToken(endpoint)
      ? policy.authenticate(endpoint, request).finally(() => limits?.count(endpoint))
      : limits?.count(endpoint);
    if (!admitted) return done();
    admitted.then(() => done(), done);
  });
}

/**
 * What happens between authentication and the handler, in this order: path and query are parsed, the permission is
 * asked, the body is parsed. So a caller without the permission learns nothing about the body's schema.
 */
export class EndpointGuard implements CanActivate {
  readonly #parsers = new Map<Endpoint, InputParser>();

  constructor(private readonly policy: AccessPolicy) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const endpoint = endpointOf(request);
    if (!endpoint) return false; // not reached: the boot check refuses undeclared routes
    const parser = this.#parserOf(endpoint);
    const target = parser.target(request);
    if (!requiredPermission(endpoint)) {
      setInput(request, { ...target, ...parser.body(request) });
      return true;
    }
    return this.policy.check(endpoint, request, target).then(() => {
      setInput(request, { ...target, ...parser.body(request) });
      return true;
    });
  }

  #parserOf(endpoint: Endpoint): InputParser {
    let parser = this.#parsers.get(endpoint);
    if (!parser) this.#parsers.set(endpoint, (parser = inputParser(endpoint)));
    return parser;
  }
}
