import type { EventContext } from '@gatehouse/contracts';
import { currentContext } from '@gatehouse/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A request's context is one object from its first hook to its last, so it stands for the request. */
const replies = new WeakMap<EventContext, FastifyReply>();

export function keepReply(context: EventContext, reply: FastifyReply): void {
  replies.set(context, reply);
}

/** The request being handled; undefined outside of any. */
export function currentRequest(): FastifyRequest | undefined {
  return replies.get(currentContext())?.request;
}

/** Sets a header of the answer to the request being handled, a refusal too; outside a request it does nothing. */
export function setAnswerHeader(name: string, value: string): void {
  const reply = replies.get(currentContext());
  if (reply && !reply.sent) void reply.header(name, value);
}
