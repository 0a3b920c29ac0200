import { randomBytes } from 'node:crypto';
import type { AnyEvent, AuditEntry } from '@gatehouse/contracts';
import { SALT_BYTES } from './commitment.ts';
import { draftEntry } from './draft-entry.ts';
import { placeEntry, type PlacedEntry } from './place-entry.ts';
import type { ReceivedEvent } from './received-event.ts';

export const newSalt = (): Buffer => randomBytes(SALT_BYTES);

/** An event as the consumer receives it, with the given data on the wire. */
export function received(
  { type, version }: Pick<AnyEvent, 'type' | 'version'>,
  data: unknown,
  overrides: Partial<ReceivedEvent> = {},
): ReceivedEvent {
  const id = overrides.id ?? '0198f0c3-7a52-7c3e-9a60-0d6f4d1b2a05';
  return {
    id,
    source: '/gatehouse/token',
    type,
    version,
    time: new Date('2026-01-01T00:00:00.000Z'),
    key: 'key-1',
    sequence: 1,
    data,
    context: { actor_kind: 'client', actor_id: 'demo', request_id: 'request-1', ip: '192.0.2.7', user_agent: 'curl/8' },
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    headers: { ce_specversion: '1.0', ce_id: id, ce_type: type, traceparent: 'not part of the content' },
    value: Buffer.from(JSON.stringify(data) ?? ''),
    ...overrides,
  };
}

/** The entry that an event becomes, at a fixed place. */
export function entryOf(event: ReceivedEvent): { entry: AuditEntry; placed: PlacedEntry } {
  const placed = placeEntry(draftEntry(event, newSalt), {
    sequence: 7,
    recorded: new Date('2026-01-01T00:00:01.000Z'),
  });
  return { placed, entry: JSON.parse(placed.bytes.toString()) as AuditEntry };
}
