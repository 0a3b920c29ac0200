import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { principalOf } from './authenticator.ts';
import type { Principal } from './principal.ts';

/** The caller of the endpoint being handled, of type `Principal`; throws where the endpoint is public. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const principal = principalOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (!principal) throw new Error('@CurrentPrincipal() on an endpoint that asks for no token');
  return principal;
});
