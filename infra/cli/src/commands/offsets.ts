import { setTimeout as delay } from 'node:timers/promises';
import { allTopics } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { acceptOffset, groupOf, readPositions } from '@gatehouse/messaging';
import type { PartitionPosition } from '@gatehouse/messaging';
import type { Admin } from 'kafkajs';
import type { Command, Invocation } from '../command.ts';
import { withKafkaAdmin } from '../kafka-admin.ts';
import { serviceNamed } from '../operators.ts';
import { withServiceDatabase } from '../service-database.ts';
import { columns } from '../table.ts';
import { UsageError } from '../usage-error.ts';

/** A service that stops over a lost offset is started again and again; its group is empty in between. */
const EMPTY_GROUP_MS = 30_000;

export const offsetCommands: readonly Command[] = [
  {
    name: 'offsets list',
    synopsis: 'SERVICE',
    summary: "show where a service's consumer stands",
    description: `Shows each partition that the service consumes: the position in its database (everything before it has had its effect),
the offset that its group has committed, and the first and the next offset that Kafka has.`,
    options: {},
    optionHelp: {},
    maxWords: 1,
    run: async ({ words, env, print }) => {
      const service = serviceNamed(words[0]);
      await withServiceDatabase(service, env, ({ database }) =>
        withKafkaAdmin(env, async (admin, prefix) => {
          const topics = consumedBy(service);
          const positions = await readPositions(database, admin, { service, prefix, topics });
          print(positions.length > 0 ? tableOf(positions) : `${service} consumes nothing.`);
        }),
      );
    },
  },
  {
    name: 'offsets accept',
    synopsis: 'SERVICE --topic TOPIC --partition N --to OFFSET',
    summary: 'decide where a consumer with a lost offset goes on',
    description: `For a service that has stopped because the position of a partition was lost or is out of range: messages may be gone, and
it never resets by itself. See where it stands with: gatehouse offsets list SERVICE. With --to at the first offset that
Kafka has, nothing that still exists is skipped, and what was handled before has no second effect. Stop the service
first; it takes the decision at its next start. This is an audited event.`,
    options: { topic: { type: 'string' }, partition: { type: 'string' }, to: { type: 'string' } },
    optionHelp: {
      '--topic TOPIC': 'as the contracts name it',
      '--partition N': 'the partition',
      '--to OFFSET': 'the first offset that will be read',
    },
    maxWords: 1,
    run: async (invocation) => {
      const { words, env, print } = invocation;
      const service = serviceNamed(words[0]);
      const topic = topicOf(service, invocation);
      const [partition, to] = [wholeNumber(invocation, 'partition'), wholeNumber(invocation, 'to')];
      await withServiceDatabase(service, env, ({ database, outbox }) =>
        withKafkaAdmin(env, async (admin, prefix) => {
          const positions = await readPositions(database, admin, { service, prefix, topics: [topic] });
          const position = positions.find((candidate) => BigInt(candidate.partition) === partition);
          if (!position) throw new UsageError(`${topic} has no partition ${partition}.`);
          if (to < BigInt(position.low) || to > BigInt(position.high)) {
            throw new UsageError(`--to must be from ${position.low} to ${position.high}: that is what Kafka has.`);
          }
          await waitForEmptyGroup(admin, groupOf(service, prefix), service);
          await acceptOffset(database, outbox, service, { topic, partition: Number(partition), to });
          print(`${service} will go on at ${to} in ${topic}[${partition}]; ${consequence(position, to)}.`);
        }),
      );
    },
  },
];

function consumedBy(service: Service): string[] {
  return allTopics.filter(({ consumers }) => consumers.includes(service)).map(({ name }) => name);
}

function topicOf(service: Service, { options }: Invocation): string {
  const topics = consumedBy(service);
  const topic = topics.find((name) => name === options['topic']);
  if (topic === undefined) throw new UsageError(`Say --topic with one that ${service} consumes: ${topics.join(', ')}.`);
  return topic;
}

function wholeNumber({ options }: Invocation, name: string): bigint {
  const text = options[name];
  if (typeof text !== 'string' || !/^\d{1,18}$/.test(text)) throw new UsageError(`Say --${name} with a whole number.`);
  return BigInt(text);
}

/** A running consumer keeps its position in memory, and would write over the decision. */
async function waitForEmptyGroup(admin: Admin, groupId: string, service: Service): Promise<void> {
  for (const deadline = performance.now() + EMPTY_GROUP_MS; performance.now() < deadline; await delay(500)) {
    const { groups } = await admin.describeGroups([groupId]);
    if (groups.every(({ members }) => members.length === 0)) return;
  }
  throw new Error(`${service} is still consuming: stop it, so that it takes the decision at its next start.`);
}

function consequence({ recorded }: PartitionPosition, to: bigint): string {
  if (recorded === null) return 'nothing was recorded before';
  const skipped = to - BigInt(recorded);
  if (skipped > 0n) return `${skipped} messages from ${recorded} on will never be handled`;
  return skipped === 0n ? 'that is where it stood' : 'what it has handled already has no second effect';
}

function tableOf(positions: readonly PartitionPosition[]): string {
  const header = ['TOPIC', 'PARTITION', 'IN DATABASE', 'COMMITTED', 'FIRST', 'NEXT'];
  const rows = positions.map(({ topic, partition, recorded, accepted, committed, low, high }) => [
    topic,
    String(partition),
    `${recorded ?? '-'}${accepted ? ' (accepted)' : ''}`,
    committed ?? '-',
    low,
    high,
  ]);
  return columns([header, ...rows]);
}
