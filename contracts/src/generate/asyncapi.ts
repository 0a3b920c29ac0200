import { allTopics, events } from '../catalog.ts';
import type { AnyEvent } from '../define-event.ts';
import { topicsOf } from '../define-event.ts';
import type { Service, Topic } from '../define-topic.ts';
import { eventContext } from '../event-context.ts';
import { jsonSchemaOf, type JsonSchema } from './json-schema.ts';
import { contractsVersion } from './version.ts';

const EXAMPLE_ID = '0198f0c3-7a52-7c3e-9a60-0d6f4d1b2a05';
const EXAMPLE_TIME = '2026-01-01T00:00:00.000Z';
const EXAMPLE_TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** The AsyncAPI 3.0 document of one service: every topic that it writes, reads as a group or follows. */
export function asyncApiOf(service: Service) {
  const topics = allTopics.filter((topic) => actionsOf(service, topic).length > 0);
  const used = events.filter((event) => topicsOf(event).some((topic) => topics.includes(topic)));
  return {
    asyncapi: '3.0.0',
    info: {
      title: `Gatehouse ${service}: events`,
      version: contractsVersion,
      description: `What ${service} publishes on Kafka and what it reads: at-least-once delivery, exactly-once effect, in order per key.`,
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      kafka: {
        host: '{brokers}',
        protocol: 'kafka-secure',
        description: `Kafka with SASL/SCRAM; the principal is \`${service}\`.`,
        variables: { brokers: { default: '127.0.0.1:19092' } },
        security: [{ $ref: '#/components/securitySchemes/scram' }],
      },
    },
    channels: Object.fromEntries(topics.map((topic) => [topic.name, channelOf(topic)])),
    operations: Object.fromEntries(topics.flatMap((topic) => operationsOf(service, topic))),
    components: {
      messages: Object.fromEntries(used.map((event) => [messageName(event), messageOf(event)])),
      securitySchemes: { scram: { type: 'scramSha256' } },
    },
  };
}

/** The name of an event's message in the documents: `<type>.v<version>`. */
export function messageName(event: AnyEvent): string {
  return `${event.type}.v${event.version}`;
}

function eventsOn(topic: Topic): readonly AnyEvent[] {
  return events.filter((event) => topicsOf(event).includes(topic));
}

type Action = 'send' | 'receive' | 'follow';

function actionsOf(service: Service, topic: Topic): readonly Action[] {
  const actions: Action[] = [];
  if (topic.producers.includes(service)) actions.push('send');
  if (topic.consumers.includes(service)) actions.push('receive');
  if (topic.followers.includes(service)) actions.push('follow');
  return actions;
}

function channelOf(topic: Topic) {
  const messages = eventsOn(topic).map((event) => [
    messageName(event),
    { $ref: `#/components/messages/${messageName(event)}` },
  ]);
  return {
    address: topic.name,
    description: topic.summary,
    messages: Object.fromEntries(messages) as Record<string, { $ref: string }>,
    'x-audited': topic.audited,
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        topicConfiguration: {
          'cleanup.policy': [topic.cleanup],
          'retention.ms': topic.retentionMs,
          ...(topic.minCompactionLagMs === undefined ? {} : { 'min.compaction.lag.ms': topic.minCompactionLagMs }),
          ...(topic.segmentMs === undefined ? {} : { 'segment.ms': topic.segmentMs }),
        },
        bindingVersion: '0.5.0',
      },
    },
  };
}

const FOLLOWED = 'Every instance reads the topic from its beginning, without a shared group.';

function operationsOf(service: Service, topic: Topic): [string, object][] {
  return actionsOf(service, topic).map((action) => [
    `${action}.${topic.name}`,
    {
      action: action === 'send' ? 'send' : 'receive',
      channel: { $ref: `#/channels/${topic.name}` },
      summary: topic.summary,
      ...(action === 'follow' ? { description: FOLLOWED } : {}),
      messages: eventsOn(topic).map((event) => ({ $ref: `#/channels/${topic.name}/messages/${messageName(event)}` })),
      ...(action === 'receive'
        ? { bindings: { kafka: { groupId: { type: 'string', const: service }, bindingVersion: '0.5.0' } } }
        : {}),
    },
  ]);
}

function messageOf(event: AnyEvent) {
  return {
    name: messageName(event),
    title: event.summary,
    contentType: 'application/json',
    headers: headersOf(event),
    payload: jsonSchemaOf(event.data, 'input', 'draft-7'),
    bindings: {
      kafka: { key: { type: 'string', description: keyDescription(event) }, bindingVersion: '0.5.0' },
    },
    examples: event.examples.map((example: Record<string, unknown>) => ({
      headers: exampleHeaders(event, example),
      payload: example,
    })),
  };
}

function keyDescription(event: AnyEvent): string {
  return event.kind === 'change' ? 'The aggregate, within which order holds.' : 'The id of the event itself.';
}

/** CloudEvents 1.0 Kafka protocol binding, binary content mode, with W3C trace context and Gatehouse's extensions. */
function headersOf(event: AnyEvent): JsonSchema {
  const context = jsonSchemaOf(eventContext, 'input', 'draft-7').properties ?? {};
  const described = (name: string) => context[name]?.description ?? '';
  const sequence = { ce_sequence: { type: 'string', pattern: '^[0-9]+$', description: 'Gap-free within the key.' } };
  return {
    type: 'object',
    properties: {
      ce_specversion: { const: '1.0' },
      ce_id: { type: 'string', description: 'Unique with ce_source; the same for every delivery.' },
      ce_source: { type: 'string', enum: sourcesOf(event) },
      ce_type: { const: event.type },
      ce_time: { type: 'string', format: 'date-time' },
      ce_subject: { type: 'string', description: "The record's key." },
      ce_dataschema: { const: dataSchemaOf(event) },
      'content-type': { const: 'application/json' },
      traceparent: { type: 'string', description: 'W3C Trace Context.' },
      tracestate: { type: 'string', description: 'W3C Trace Context.' },
      ...(event.kind === 'change' ? sequence : {}),
      ce_actorkind: context.actor_kind ?? {},
      ce_actorid: { type: 'string', description: described('actor_id') },
      ce_requestid: { type: 'string' },
      ce_clientip: { type: 'string', description: described('ip'), 'x-personal-subject': 'ce_actorid' },
      ce_useragent: { type: 'string', maxLength: 512, 'x-personal-subject': 'ce_actorid' },
    },
    required: [
      'ce_specversion',
      'ce_id',
      'ce_source',
      'ce_type',
      'ce_time',
      'ce_subject',
      'ce_dataschema',
      'content-type',
      ...(event.kind === 'change' ? ['ce_sequence'] : []),
    ],
  };
}

function exampleHeaders(event: AnyEvent, example: Record<string, unknown>) {
  return {
    ce_specversion: '1.0',
    ce_id: EXAMPLE_ID,
    ce_source: sourcesOf(event)[0],
    ce_type: event.type,
    ce_time: EXAMPLE_TIME,
    ce_subject: event.kind === 'change' ? event.key(event.data.parse(example)) : EXAMPLE_ID,
    ce_dataschema: dataSchemaOf(event),
    'content-type': 'application/json',
    traceparent: EXAMPLE_TRACEPARENT,
    ...(event.kind === 'change' ? { ce_sequence: '1' } : {}),
    ce_actorkind: 'anonymous',
  };
}

function sourcesOf(event: AnyEvent): string[] {
  return topicsOf(event).flatMap((topic) => topic.producers.map((producer) => `/gatehouse/${producer}`));
}

function dataSchemaOf(event: AnyEvent): string {
  return `urn:gatehouse:event:${event.type}:${event.version}`;
}
