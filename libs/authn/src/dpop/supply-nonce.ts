import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { nextNonceOf } from './token-binding.ts';

/** Gives a client the next nonce with an answer (RFC 9449 8.2), before the one that it has is refused. */
export class SupplyNonce implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    if (context.getType() !== 'http') return next.handle();
    const http = context.switchToHttp();
    const nonce = nextNonceOf(http.getRequest<FastifyRequest>());
    if (nonce !== undefined) void http.getResponse<FastifyReply>().header('dpop-nonce', nonce);
    return next.handle();
  }
}
