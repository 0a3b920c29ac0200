import { randomUUID } from 'node:crypto';
import { allTopics, deadLetters, emailFlowRequested, emailVerified, events, topicsOf } from '@gatehouse/contracts';
import type { AnyEvent, Service, Topic } from '@gatehouse/contracts';
import type { Suite } from '@gatehouse/testing';
import type { Message } from 'kafkajs';
import type { PlatformState } from './platform-state.ts';

/** What becomes of a message: put aside with its key, an entry with opaque data, its effect, or nothing. */
type Fate = 'parked' | 'opaque' | 'handled' | 'skipped';

interface Kind {
  readonly is: string;
  readonly headers: (event: AnyEvent, id: string, source: Service) => Record<string, string>;
  readonly value: (event: AnyEvent) => string | Buffer;
  /** Where the topic's consumers keep every event of it, known or not: the audit log. */
  readonly audited: Fate;
  /** Where they have a handler for the type of the message. */
  readonly handled: Fate;
}

/** A message on its way to one consumer. */
export interface Poison {
  readonly is: string;
  readonly consumer: Service;
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly eventId: string;
  readonly value: Buffer;
  readonly fate: Fate;
}

const envelope = (id: string, type: string, version: number, source: Service) => ({
  ce_specversion: '1.0',
  ce_id: id,
  ce_source: `/gatehouse/${source}`,
  ce_type: type,
  ce_time: new Date().toISOString(),
  ce_dataschema: `urn:gatehouse:event:${type}:${version}`,
  'content-type': 'application/json',
});
const ofEvent = (event: AnyEvent, id: string, source: Service) => envelope(id, event.type, event.version, source);
const example = (event: AnyEvent) => JSON.stringify(event.examples[0]);

const kinds: readonly Kind[] = [
  { is: 'no CloudEvents headers', headers: () => ({}), value: example, audited: 'parked', handled: 'parked' },
  { is: 'broken JSON', headers: ofEvent, value: () => '{"surprise":', audited: 'parked', handled: 'parked' },
  { is: 'invalid UTF-8', headers: ofEvent, value: () => Buffer.from([0x22, 0xff, 0x22]), audited: 'parked', handled: 'parked' }, // prettier-ignore
  { is: 'wrong data', headers: ofEvent, value: () => '{"surprise":true}', audited: 'parked', handled: 'parked' },
  {
    is: 'an unknown type',
    headers: (_, id, source) => envelope(id, 'surprise.invented', 1, source),
    value: () => '{"surprise":true}',
    audited: 'opaque',
    handled: 'skipped',
  },
  {
    is: 'an unknown version',
    headers: (event, id, source) => envelope(id, event.type, 99, source),
    value: () => '{"surprise":true}',
    audited: 'opaque',
    handled: 'parked',
  },
];
const good: Kind = { is: 'nothing wrong', headers: ofEvent, value: example, audited: 'handled', handled: 'handled' };

export const poisonKinds = kinds.map(({ is }) => is);

/** Topics that any service reads as a group, with an event that each of its consumers has something to do with. */
const consumedTopics = allTopics
  .filter(({ consumers }) => consumers.length > 0)
  .map((topic) => ({ topic, event: eventOn(topic) }));

function eventOn(topic: Topic): AnyEvent {
  const candidates = [emailVerified, emailFlowRequested, ...events] as readonly AnyEvent[];
  const event = candidates.find((candidate) => topicsOf(candidate).some(({ name }) => name === topic.name));
  if (!event) throw new Error(`there is no event on ${topic.name}`);
  return event;
}

/**
 * Sends one message of each kind to every partition of every topic that is consumed, as the service that may write there,
 * each under a key of its own. Resolves with one row for each message and consumer.
 */
export function sendPoison(suite: Suite): Promise<Poison[]> {
  return sendKinds(suite, kinds);
}

/** The same with messages that have nothing wrong, for what comes behind the poison. */
export function sendGood(suite: Suite): Promise<Poison[]> {
  return sendKinds(suite, [good]);
}

async function sendKinds(suite: Suite, sent: readonly Kind[]): Promise<Poison[]> {
  const rows: Poison[] = [];
  for (const { topic, event } of consumedTopics) {
    const source = topic.producers[0] ?? 'token';
    const producer = suite.kafka(source).producer();
    await producer.connect();
    const messages: Message[] = [];
    for (const kind of sent)
      for (let partition = 0; partition < topic.partitions; partition += 1) {
        const [key, eventId, value] = [randomUUID(), randomUUID(), Buffer.from(kind.value(event))];
        messages.push({ partition, key, value, headers: kind.headers(event, eventId, source) });
        for (const consumer of topic.consumers) {
          const fate = consumer === 'audit-log' ? kind.audited : kind.handled;
          rows.push({ is: kind.is, consumer, topic: topic.name, partition, key, eventId, value, fate });
        }
      }
    await producer.send({ topic: suite.topicPrefix + topic.name, messages });
    await producer.disconnect();
  }
  return rows;
}

/** What became of these messages so far. */
export async function fatesOf(state: PlatformState, sent: readonly Poison[]): Promise<Fate[]> {
  const [keys, ids] = [sent.map(({ key }) => key), sent.map(({ eventId }) => eventId)];
  const parked = new Set<string>();
  const handled = new Set<string>();
  for (const consumer of new Set(sent.map((row) => row.consumer))) {
    const dead = await state.rows<{ key: string }>(consumer, 'SELECT key FROM parked_message WHERE key = ANY ($1)', [keys]); // prettier-ignore
    for (const { key } of dead) parked.add(`${consumer} ${key}`);
    const taken = await state.rows<{ id: string }>(consumer, 'SELECT event_id AS id FROM inbox WHERE event_id = ANY ($1)', [ids]); // prettier-ignore
    for (const { id } of taken) handled.add(`${consumer} ${id}`);
  }
  const entries = await state.rows<{ id: string; outcome: string }>(
    'audit-log',
    'SELECT event_id AS id, outcome FROM audit_entry WHERE event_id = ANY ($1)',
    [ids],
  );
  const outcomes = new Map(entries.map(({ id, outcome }) => [id, outcome]));
  return sent.map(({ consumer, key, eventId }) => {
    if (parked.has(`${consumer} ${key}`)) return 'parked';
    if (consumer === 'audit-log' && outcomes.get(eventId) === 'unknown') return 'opaque';
    const done = handled.has(`${consumer} ${eventId}`) && (consumer !== 'audit-log' || outcomes.has(eventId));
    return done ? 'handled' : 'skipped';
  });
}

/** A copy of a dead letter, as other tools find it. */
export interface DeadLetter {
  readonly key: string;
  readonly from: string;
  readonly partition: number;
  readonly value: Buffer;
}

/** Follows the dead-letter topic of a service from its beginning, until `stop`. */
export async function followDeadLetters(suite: Suite, service: Service) {
  const letters: DeadLetter[] = [];
  const consumer = suite.kafka().consumer({ groupId: `${suite.topicPrefix}reader-${service}` });
  await consumer.connect();
  await consumer.subscribe({ topic: suite.topicPrefix + deadLetters[service].name, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message: { key, value, headers } }) => {
      const header = (name: string) => headers?.[`gatehouse-dead-letter-${name}`]?.toString() ?? '';
      const place = { from: header('topic'), partition: Number(header('partition')) };
      letters.push({ key: key?.toString() ?? '', ...place, value: value ?? Buffer.alloc(0) });
      return Promise.resolve();
    },
  });
  return { letters, stop: () => consumer.disconnect() };
}
