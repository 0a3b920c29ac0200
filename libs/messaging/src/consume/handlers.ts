import type { AnyEvent, Service, Topic } from '@gatehouse/contracts';
import { topicsOf } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { MessageHandler as NestHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Message, RawMessage } from '../wire.ts';
import type { HandlerDeclaration } from './handler-declaration.ts';

export interface MessageHandler {
  readonly event: AnyEvent;
  locks(message: Message): readonly string[];
  handle(message: Message, tx: Tx): Promise<void>;
}

export interface BatchHandler {
  readonly topics: readonly Topic[];
  locks(messages: readonly RawMessage[]): readonly string[];
  handle(messages: readonly RawMessage[], tx: Tx): Promise<void>;
}

export interface FollowHandler {
  readonly event: AnyEvent;
  apply(message: Message): Promise<void>;
}

type Declared<K extends HandlerDeclaration['kind']> = Extract<HandlerDeclaration, { kind: K }>;

/** The decorated methods of the service's controllers, checked against the contracts. */
export class Handlers {
  readonly #messages = new Map<string, MessageHandler>();
  readonly #batches = new Map<string, BatchHandler>();
  readonly #follows = new Map<string, FollowHandler>();
  readonly #deletions = new Map<string, (key: string) => Promise<void>>();
  readonly #service: Service;

  /** Throws, naming the handler, where two handle the same or a topic does not declare this service as its reader. */
  constructor(nestHandlers: ReadonlyMap<string, NestHandler>, service: Service) {
    this.#service = service;
    for (const [pattern, handler] of nestHandlers) {
      if (handler.next) throw new Error(`Two methods of ${service} are declared to "${pattern}"`);
      // Handlers of this transport are made by the decorators, which put it there.
      const { declaration } = handler.extras as { declaration: HandlerDeclaration };
      this.#add(declaration, (payload, tx) => settled(handler(payload, tx)));
    }
    for (const { event } of this.#messages.values()) {
      const inBatch = topicsOf(event).find((topic) => this.#batches.has(topic.name));
      if (inBatch) throw new Error(`${service} handles ${inBatch.name} both by message and in batches`);
    }
  }

  /** Names of the topics that the service's group reads, without prefix. */
  get consumedTopics(): readonly string[] {
    const ofMessages = [...this.#messages.values()].flatMap(({ event }) => this.#readable(event, 'consumers'));
    return [...new Set([...ofMessages.map((topic) => topic.name), ...this.#batches.keys()])].sort();
  }

  /** Names of the topics that every instance follows, without prefix. */
  get followedTopics(): readonly string[] {
    const topics = [...this.#follows.values()].flatMap(({ event }) => this.#readable(event, 'followers'));
    return [...new Set(topics.map((topic) => topic.name))].sort();
  }

  batchHandler(topic: string): BatchHandler | undefined {
    return this.#batches.get(topic);
  }

  messageHandler(type: string, version: number): MessageHandler | undefined {
    return this.#messages.get(`${type}/${version}`);
  }

  /** Whether the service handles some version of `type`, so that an unknown version must not be passed over. */
  consumes(type: string): boolean {
    return [...this.#messages.values()].some(({ event }) => event.type === type);
  }

  followHandler(type: string, version: number): FollowHandler | undefined {
    return this.#follows.get(`${type}/${version}`);
  }

  deletionHandler(topic: string): ((key: string) => Promise<void>) | undefined {
    return this.#deletions.get(topic);
  }

  #add(declaration: HandlerDeclaration, call: (payload: unknown, tx?: Tx) => Promise<void>): void {
    switch (declaration.kind) {
      case 'message':
        return this.#addMessage(declaration, call);
      case 'batch':
        return this.#addBatch(declaration, call);
      case 'follow':
        this.#readable(declaration.event, 'followers');
        this.#follows.set(nameOf(declaration.event), { event: declaration.event, apply: call });
        return;
      case 'forget':
        for (const topic of this.#readable(declaration.event, 'followers')) this.#deletions.set(topic.name, call);
    }
  }

  #addMessage({ event, locks }: Declared<'message'>, handle: MessageHandler['handle']): void {
    this.#readable(event, 'consumers');
    // The data of the message was parsed by the event that the locks were declared for.
    this.#messages.set(nameOf(event), { event, locks: ({ data }) => locks(data as never), handle });
  }

  #addBatch({ topics, locks }: Declared<'batch'>, handle: BatchHandler['handle']): void {
    for (const topic of topics) {
      if (!topic.consumers.includes(this.#service)) throw this.#undeclared(topic.name, 'consumers');
      if (this.#batches.has(topic.name)) throw new Error(`Two batch handlers of ${this.#service} take ${topic.name}`);
      this.#batches.set(topic.name, { topics, locks, handle });
    }
  }

  /** The topics of `event` that declare this service as their reader; Kafka would refuse it the others. */
  #readable(event: AnyEvent, readers: 'consumers' | 'followers'): readonly Topic[] {
    const topics = topicsOf(event).filter((topic) => topic[readers].includes(this.#service));
    if (topics.length === 0)
      throw this.#undeclared(
        topicsOf(event)
          .map(({ name }) => name)
          .join(', '),
        readers,
      );
    return topics;
  }

  #undeclared(topic: string, readers: string): Error {
    return new Error(`${this.#service} reads ${topic} without being among its ${readers} in contracts/src/topics.ts`);
  }
}

function nameOf({ type, version }: AnyEvent): string {
  return `${type}/${version}`;
}

/**
 * Waits for whatever a Nest handler gives back: Nest RESOLVES a handler that throws, with an Observable that errors, so
 * awaiting the promise alone would take every failure for a success.
 */
export async function settled(result: unknown): Promise<void> {
  const value = await result;
  if (isObservable(value)) await lastValueFrom(value, { defaultValue: undefined });
}
