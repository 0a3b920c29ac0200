import type { AnyEvent, DataOf, Topic, TopicFamily } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { UseFilters } from '@nestjs/common';
import type { Message, RawMessage } from '../wire.ts';
import { RethrowOriginalError } from './rethrow-original-error.ts';

/** Handlers of this transport only: other transports of the same application leave them alone. */
export const EVENT_TRANSPORT = Symbol('gatehouse.events');

/** What a decorator says about its method; the strategy reads it back from Nest's handler. */
export type HandlerDeclaration =
  | { readonly kind: 'message'; readonly event: AnyEvent; readonly locks: (data: never) => readonly string[] }
  | {
      readonly kind: 'batch';
      readonly topics: readonly Topic[];
      readonly locks: (messages: readonly RawMessage[]) => readonly string[];
    }
  | { readonly kind: 'follow'; readonly event: AnyEvent }
  | { readonly kind: 'forget'; readonly event: AnyEvent };

/** Decorates a method that takes exactly this; any other method does not compile. */
type DecoratorOf<Handler extends (...args: never[]) => unknown> = <M extends Handler>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Marks the controller method that handles `event`: each event once per service, in the order of its key, inside the
 * transaction that is passed along. A method that throws leaves no effect. Throw DependencyFailure where a server is
 * away (the partition waits); any other error that lasts parks the message.
 *
 * `locks` names the keys of the events that the method publishes; without it, the handled event's own key.
 */
export function Consumes<E extends AnyEvent>(
  event: E,
  options: { readonly locks?: (data: DataOf<E>) => readonly string[] } = {},
): DecoratorOf<(message: Message<E>, tx: Tx) => unknown> {
  const ownKey = (data: DataOf<E>): readonly string[] => (event.kind === 'change' ? [event.key(data)] : []);
  return declare(`consume ${event.type}/${event.version}`, {
    kind: 'message',
    event,
    locks: options.locks ?? ownKey,
  });
}

/**
 * Marks the controller method that handles the messages of `topics` in batches: one transaction for all, and where that
 * fails, one for each message. Every message with a readable envelope arrives, also of types and versions that this
 * build does not know; data of known ones satisfies its schema. Messages of one batch come from one partition, in order.
 */
export function ConsumesBatch(options: {
  readonly topics: readonly (Topic | TopicFamily)[];
  readonly locks?: (messages: readonly RawMessage[]) => readonly string[];
}): DecoratorOf<(messages: RawMessage[], tx: Tx) => unknown> {
  const topics = options.topics.flatMap((topic) => ('partitions' in topic ? [topic] : Object.values(topic)));
  const names = topics.map((topic) => topic.name).join(' ');
  return declare(`batch ${names}`, { kind: 'batch', topics, locks: options.locks ?? (() => []) });
}

/**
 * Marks the controller method that applies `event` in every instance of the service, from the beginning of its topic.
 * It may see an event again, so it must be idempotent. The service is not ready before it has caught up.
 */
export function Follows<E extends AnyEvent>(event: E): DecoratorOf<(message: Message<E>) => unknown> {
  return declare(`follow ${event.type}/${event.version}`, { kind: 'follow', event });
}

/** Marks the controller method that forgets a key of `event`'s compacted topic, whose tombstone was read. */
export function FollowsDeletion(event: AnyEvent): DecoratorOf<(key: string) => unknown> {
  return declare(`forget ${event.type}`, { kind: 'forget', event });
}

function declare(pattern: string, declaration: HandlerDeclaration) {
  return (target: object, method: string | symbol, descriptor: PropertyDescriptor): void => {
    // Without these two, Nest passes the message alone.
    Payload()(target, method, 0);
    Ctx()(target, method, 1);
    UseFilters(RethrowOriginalError)(target, method, descriptor);
    EventPattern(pattern, EVENT_TRANSPORT, { declaration })(target, method, descriptor);
  };
}
