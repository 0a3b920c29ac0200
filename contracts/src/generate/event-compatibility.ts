import type { ContractBreak, Contracts } from './compatibility.ts';
import type { JsonSchema } from './json-schema.ts';
import { schemaBreaks } from './schema-compatibility.ts';

interface Reference {
  readonly $ref: string;
}

/** The parts of a generated AsyncAPI document that compatibility depends on. */
export interface AsyncApiDocument {
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<Record<string, { readonly action: string; readonly channel: Reference }>>;
  readonly components: { readonly messages: Readonly<Record<string, Message>> };
}
interface Channel {
  readonly messages: Readonly<Record<string, Reference>>;
  readonly bindings: {
    readonly kafka: { readonly partitions: number; readonly topicConfiguration: Readonly<Record<string, unknown>> };
  };
}
interface Message {
  readonly headers: JsonSchema;
  readonly payload: JsonSchema;
}

/** What `service` no longer sends as it did, and which consumers of the released contracts relied on it. */
export function eventBreaks(service: string, released: Contracts, current: Contracts): ContractBreak[] {
  const before = released.asyncapi[service]!;
  const after = current.asyncapi[service];
  return sentTopics(before).flatMap((topic) => {
    const breaks = readersOf(topic, released);
    const report = (contract: string, what: string): ContractBreak => ({ service, contract, what, breaks });
    if (!after || !sentTopics(after).includes(topic)) return [report(`topic ${topic}`, 'is no longer written')];
    const [was, is] = [before.channels[topic]!, after.channels[topic]!];
    return [
      ...topicBreaks(was, is).map((what) => report(`topic ${topic}`, what)),
      ...Object.keys(was.messages).flatMap((name) => {
        if (!(name in is.messages)) return [report(`event ${name}`, `is no longer sent on ${topic}`)];
        return messageBreaks(before.components.messages[name]!, after.components.messages[name]!).map((what) =>
          report(`event ${name}`, what),
        );
      }),
    ];
  });
}

function sentTopics(document: AsyncApiDocument): string[] {
  return topicsBy(document, 'send');
}

function topicsBy(document: AsyncApiDocument, action: 'send' | 'receive'): string[] {
  return Object.values(document.operations)
    .filter((operation) => operation.action === action)
    .map((operation) => operation.channel.$ref.replace('#/channels/', ''));
}

function readersOf(topic: string, contracts: Contracts): string[] {
  const readers = Object.entries(contracts.asyncapi).filter(([, document]) =>
    topicsBy(document, 'receive').includes(topic),
  );
  return readers.length > 0 ? readers.map(([service]) => service) : [`readers of ${topic}`];
}

/** Settings on which a reader's order, replay or state depends. */
function topicBreaks(was: Channel, is: Channel): string[] {
  const breaks: string[] = [];
  if (was.bindings.kafka.partitions !== is.bindings.kafka.partitions)
    breaks.push('the number of partitions changed, which ends the order within a key');
  const [before, after] = [was, is].map((channel) => channel.bindings.kafka.topicConfiguration);
  if (JSON.stringify(before!['cleanup.policy']) !== JSON.stringify(after!['cleanup.policy']))
    breaks.push('the cleanup policy changed');
  const keptFor = (settings: Readonly<Record<string, unknown>>) =>
    settings['retention.ms'] === -1 ? Infinity : Number(settings['retention.ms']);
  if (keptFor(after!) < keptFor(before!)) breaks.push('records are kept for a shorter time');
  return breaks;
}

function messageBreaks(was: Message, is: Message): string[] {
  return (['payload', 'headers'] as const).flatMap((part) =>
    schemaBreaks(was[part], is[part], 'output').map(({ pointer, what }) => `${part} ${pointer} ${what}`),
  );
}
