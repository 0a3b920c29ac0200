import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { entityTag } from './preconditions.ts';

/** Answers every resource that has a version with its ETag. */
@Injectable()
export class EntityTag implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(tap((body: unknown) => addTag(reply, body)));
  }
}

function addTag(reply: FastifyReply, body: unknown): void {
  if (typeof body !== 'object' || body === null || !('version' in body)) return;
  void reply.header('etag', entityTag(Number(body.version)));
}
