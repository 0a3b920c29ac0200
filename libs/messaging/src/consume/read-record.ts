import type { Tx } from '@gatehouse/database';
import { decodeMessage, isTombstone, parseMessage, UnreadableMessage } from '../wire.ts';
import type { KafkaRecord, Message, RawMessage } from '../wire.ts';
import type { Handlers } from './handlers.ts';

/** What a group consumer does with a record. */
export type Reading =
  /** A tombstone, or an event that this service does not consume. */
  | { readonly kind: 'skip' }
  /** No retry can help. */
  | { readonly kind: 'unreadable'; readonly error: unknown }
  | {
      readonly kind: 'message';
      readonly message: RawMessage;
      /** Keys of the events that its handler publishes. */
      readonly locks: () => readonly string[];
      readonly handle: (tx: Tx) => Promise<void>;
    };

/** Reads a record before anything is done about it: its envelope, the handler it is for, and its data. */
export function readRecord(record: KafkaRecord, handlers: Handlers): Reading {
  if (isTombstone(record)) return { kind: 'skip' };
  try {
    const raw = decodeMessage(record);
    return handlers.batchHandler(raw.topic) ? forBatch(raw, handlers) : forHandler(raw, handlers);
  } catch (error) {
    return { kind: 'unreadable', error };
  }
}

function forHandler(raw: RawMessage, handlers: Handlers): Reading {
  const handler = handlers.messageHandler(raw.type, raw.version);
  if (!handler) {
    if (!handlers.consumes(raw.type)) return { kind: 'skip' };
    throw new UnreadableMessage(`${raw.type} version ${raw.version} is not known to this build`);
  }
  // The handler's event is in the catalog, so its message is parsed or unreadable.
  const message = parseMessage(raw) as Message;
  return { kind: 'message', message, locks: () => handler.locks(message), handle: (tx) => handler.handle(message, tx) };
}

/**
 * A batch handler gets also what this build does not know. Known data is checked but handed over as it came, so that
 * a field that a newer producer added survives.
 */
function forBatch(raw: RawMessage, handlers: Handlers): Reading {
  parseMessage(raw);
  const handler = handlers.batchHandler(raw.topic);
  if (!handler) return { kind: 'skip' };
  return {
    kind: 'message',
    message: raw,
    locks: () => handler.locks([raw]),
    handle: (tx) => handler.handle([raw], tx),
  };
}
