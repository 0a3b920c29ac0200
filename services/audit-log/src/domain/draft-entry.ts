import {
  AUDIT_ENCODING,
  eventContext,
  findEvent,
  personalFields,
  type AnyEvent,
  type AuditEntry,
  type AuditView,
} from '@gatehouse/contracts';
import { canonicalJson, NotCanonical } from './canonical-json.ts';
import { commitmentOf, pointerTo, type SealedValue } from './commitment.ts';
import { logOf } from './log-id.ts';
import { contentDigest, traceIdOf, type ReceivedEvent } from './received-event.ts';

/** An entry of at most this size fits the topic's 64 KiB with its hash and headers. */
export const MAX_ENTRY_BYTES = 60_000;
/** Room for the members that an entry gets with its place, and for punctuation. */
const PLACE_BYTES = 400;

/** All of an entry but its place in the log. */
export interface Draft {
  readonly identity: { readonly source: string; readonly id: string; readonly digest: Buffer };
  readonly log: string;
  readonly body: Omit<AuditEntry, 'log' | 'sequence' | 'recorded'>;
  /** The canonical text of every member of the body, made before the log's counter is locked. */
  readonly members: Readonly<Record<string, string>>;
  readonly seals: readonly SealedValue[];
}

type View = Omit<AuditView, 'outcome'> & { readonly outcome: AuditEntry['outcome'] };

/**
 * Turns an event into an entry. Personal values, and fields that this build does not know to be harmless, are sealed.
 * An event of an unknown type or version, one whose data is not as declared, has no canonical form or would not fit,
 * becomes an entry whose data is wholly one commitment, so that nothing is lost. `newSalt` gives 32 fresh random bytes.
 * Throws RangeError for a time that nobody could read back.
 */
export function draftEntry(event: ReceivedEvent, newSalt: () => Buffer): Draft {
  try {
    return draftDeclared(event, newSalt) ?? draftOpaque(event, unknownView(event), newSalt);
  } catch (error) {
    if (error instanceof NotCanonical) return draftOpaque(event, unknownView(event), newSalt);
    throw error;
  }
}

/** The entry that says: this event has the id of an earlier one and other content. Its identity is its own. */
export function draftConflict(event: ReceivedEvent, newSalt: () => Buffer): Draft {
  const view: View = {
    action: 'audit.conflict',
    target: { kind: 'event', id: event.id },
    outcome: 'failure',
    reason: 'an earlier event has the same id and other content',
  };
  const { identity, ...draft } = draftOpaque(event, view, newSalt);
  return { ...draft, identity: { ...identity, id: `${identity.id}#${identity.digest.toString('base64url')}` } };
}

/** The entry of an event that this build knows, or undefined where it does not know or cannot hold it. */
function draftDeclared(event: ReceivedEvent, newSalt: () => Buffer): Draft | undefined {
  const declared = findEvent(event.type, event.version);
  const parsed = declared?.audit ? declared.data.safeParse(event.data) : undefined;
  if (!declared?.audit || !parsed?.success) return undefined;
  const view = declared.audit(parsed.data);
  const seals = sealsOfContext(event, newSalt);
  const shown: Record<string, unknown> = {};
  // The raw fields, not the parsed ones: what a newer producer added must not be lost.
  for (const [name, value] of Object.entries(event.data as Record<string, unknown>)) {
    const subject = subjectOf(declared, name, parsed.data);
    if (subject === undefined || value === null) shown[name] = value;
    else seals.push({ pointer: pointerTo('data', name), subject, salt: newSalt(), value });
  }
  const draft = assemble(event, view, seals, shown);
  return fits(draft) ? draft : draftOpaque(event, view, newSalt);
}

/** An entry whose data is one commitment over the base64 of the bytes that came. */
function draftOpaque(event: ReceivedEvent, view: View, newSalt: () => Buffer): Draft {
  const content = event.value.toString('base64');
  const seals = sealsOfContext(event, newSalt);
  seals.push({ pointer: pointerTo('data'), subject: null, salt: newSalt(), value: content });
  return assemble(event, view, seals);
}

function unknownView({ type, key }: ReceivedEvent): View {
  return { action: type, target: { kind: 'unknown', id: key }, outcome: 'unknown' };
}

const personalOfEvent = new WeakMap<object, ReadonlyMap<string, string>>();

/** Whose personal value the field holds; null where nobody is known; undefined where it is not personal. */
function subjectOf(event: AnyEvent, name: string, data: Readonly<Record<string, unknown>>): string | null | undefined {
  if (!Object.hasOwn(event.data.shape, name)) return null;
  let personal = personalOfEvent.get(event);
  if (!personal) personalOfEvent.set(event, (personal = personalFields(event.data)));
  const subjectField = personal.get(name);
  if (subjectField === undefined) return undefined;
  const subject = data[subjectField];
  return typeof subject === 'string' ? subject : null;
}

const personalOfContext = personalFields(eventContext);

function sealsOfContext({ context }: ReceivedEvent, newSalt: () => Buffer): SealedValue[] {
  return [...personalOfContext].flatMap(([name, subjectField]) => {
    const value = context[name as keyof typeof context];
    if (value === null) return [];
    const subject = context[subjectField as keyof typeof context];
    return [{ pointer: pointerTo('origin', name), subject, salt: newSalt(), value }];
  });
}

function assemble(event: ReceivedEvent, view: View, seals: SealedValue[], data?: Record<string, unknown>): Draft {
  const { context } = event;
  const body = {
    encoding: AUDIT_ENCODING,
    occurred: timestampOf(event.time),
    event: {
      source: event.source,
      id: event.id,
      type: event.type,
      version: event.version,
      key: event.key,
      sequence: event.sequence,
    },
    actor: { kind: context.actor_kind, id: context.actor_id },
    action: view.action,
    target: { kind: view.target.kind, id: view.target.id },
    outcome: view.outcome,
    reason: view.reason ?? null,
    organization_id: view.organization_id ?? null,
    origin: {
      service: event.source.replace(/^\/gatehouse\//, ''),
      ...(context.ip === null ? { ip: null } : {}),
      ...(context.user_agent === null ? { user_agent: null } : {}),
    },
    trace_id: traceIdOf(event.traceparent),
    request_id: context.request_id,
    ...(data ? { data } : {}),
    commitments: Object.fromEntries(seals.map((seal) => [seal.pointer, commitmentOf(seal)])),
  } satisfies Draft['body'];
  return {
    identity: { source: event.source, id: event.id, digest: contentDigest(event) },
    log: logOf(view.organization_id),
    body,
    members: Object.fromEntries(Object.entries(body).map(([name, value]) => [name, canonicalJson(value)])),
    seals,
  };
}

/** Throws RangeError for a year that RFC 3339 cannot write: a producer's clock is far off, and its event is parked. */
function timestampOf(time: Date): string {
  const text = time.toISOString();
  if (text.length !== '0000-00-00T00:00:00.000Z'.length) throw new RangeError(`${text} is no time of an event`);
  return text;
}

function fits({ members }: Draft): boolean {
  const bytes = Object.values(members).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return bytes <= MAX_ENTRY_BYTES - PLACE_BYTES;
}
