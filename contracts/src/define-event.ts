import type { z } from 'zod';
import type { Service, Topic, TopicFamily } from './define-topic.ts';

/** How the audit log shows an event: what was done, to what, and how it ended. The actor comes from the event's context. */
export interface AuditView {
  /** `<noun>.<verb>`, e.g. `token.revoke`. */
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string };
  readonly outcome: 'success' | 'failure' | 'denied';
  readonly reason?: string | undefined;
  /** The organisation whose log gets the entry; without it the entry goes to the platform log. */
  readonly organization_id?: string | undefined;
}

interface EventBase<T extends string, D extends z.ZodObject> {
  /** `<noun>.<past verb>`, the CloudEvents type. */
  readonly type: T;
  /** Raised by a change that an old consumer could not read. */
  readonly version: number;
  readonly topic: Topic | TopicFamily;
  readonly summary: string;
  readonly data: D;
  /** Required where the topic is audited. */
  readonly audit?: (data: z.output<D>) => AuditView;
  readonly examples: readonly [z.input<D>, ...z.input<D>[]];
}

/** A state change: ordered within its aggregate, which `key` names, and numbered by a sequence. */
export interface ChangeEvent<T extends string = string, D extends z.ZodObject = z.ZodObject> extends EventBase<T, D> {
  readonly kind: 'change';
  /** The aggregate's id, or in a compacted topic the fact's own identity. */
  readonly key: (data: z.output<D>) => string;
}

/** A fact without a state change (a refusal, an issued token): its key is its own id, and it has no order. */
export interface FactEvent<T extends string = string, D extends z.ZodObject = z.ZodObject> extends EventBase<T, D> {
  readonly kind: 'fact';
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- `any` keeps `key` and `audit` assignable for every data type
export type AnyChangeEvent = Omit<ChangeEvent<string, any>, 'data'> & { readonly data: z.ZodObject };
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
export type AnyFactEvent = Omit<FactEvent<string, any>, 'data'> & { readonly data: z.ZodObject };
export type AnyEvent = AnyChangeEvent | AnyFactEvent;
/** What a handler receives: parsed data. */
export type DataOf<E extends AnyEvent> = z.output<E['data']>;

/** Declares a state change once; types, validation, AsyncAPI, audit view and test examples come from the value. */
export function defineEvent<const T extends string, D extends z.ZodObject>(
  event: Omit<ChangeEvent<T, D>, 'kind'>,
): ChangeEvent<T, D> {
  return { ...event, kind: 'change' };
}

/** Declares a fact without a state change. */
export function defineFact<const T extends string, D extends z.ZodObject>(
  event: Omit<FactEvent<T, D>, 'kind'>,
): FactEvent<T, D> {
  return { ...event, kind: 'fact' };
}

/** The topic on which `service` publishes `event`. */
export function topicOf(event: AnyEvent, service: Service): Topic {
  return 'partitions' in event.topic ? event.topic : event.topic[service];
}

/** Every topic on which `event` may appear: one, or one for each service. */
export function topicsOf(event: AnyEvent): readonly Topic[] {
  return 'partitions' in event.topic ? [event.topic] : Object.values(event.topic);
}
