import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventContext } from '@gatehouse/contracts';

const storage = new AsyncLocalStorage<EventContext>();
let processContext: Readonly<EventContext> = Object.freeze({
  actor_kind: 'service',
  actor_id: null,
  request_id: null,
  ip: null,
  user_agent: null,
});

/** Names the service that acts when no request and no message is being handled. */
export function setProcessActor(service: string): void {
  processContext = Object.freeze({ ...processContext, actor_id: service });
}

/** Who causes what happens now and from where: of the request or message being handled, else the service itself. */
export function currentContext(): EventContext {
  return storage.getStore() ?? { ...processContext };
}

/** Runs `fn`, and everything it starts, in `context`. */
export function runInContext<T>(context: EventContext, fn: () => T): T {
  return storage.run(context, fn);
}

/** Names the caller of the request being handled, once it is known; outside a request it does nothing. */
export function setActor(kind: EventContext['actor_kind'], id: string | null): void {
  const context = storage.getStore();
  if (!context) return;
  context.actor_kind = kind;
  context.actor_id = id;
}
