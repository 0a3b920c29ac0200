import { DeadLetters } from '@gatehouse/messaging';
import type { ParkedMessage, Selection } from '@gatehouse/messaging';
import type { Command, Invocation, Options } from '../command.ts';
import { serviceNamed } from '../operators.ts';
import { withServiceDatabase } from '../service-database.ts';
import { columns } from '../table.ts';
import { UsageError } from '../usage-error.ts';

const DEFAULT_LIMIT = 50;

const selecting: Options = {
  id: { type: 'string' },
  key: { type: 'string' },
  topic: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
};
const selectingHelp = {
  '--id ID': 'one message, by its id among the parked ones',
  '--key KEY': 'messages of this key',
  '--topic TOPIC': 'messages of this topic',
  '--since TIME': 'parked at or after this instant (2026-01-31T12:00:00Z, or 90m, 12h, 7d ago)',
  '--until TIME': 'parked before this instant',
};
const SELECTORS = '[--id ID] [--key KEY] [--topic TOPIC] [--since TIME] [--until TIME]';

export const deadLetterCommands: readonly Command[] = [
  {
    name: 'dlq list',
    synopsis: `SERVICE ${SELECTORS} [--limit N] [--json]`,
    summary: 'list the messages that a service has parked',
    description: `Lists messages in the order in which they were parked. A message that failed blocks its key: later messages of the key
wait behind it (KeyIsParked). The list itself is an audited event.`,
    options: { ...selecting, limit: { type: 'string' }, json: { type: 'boolean' } },
    optionHelp: {
      ...selectingHelp,
      '--limit N': `at most N messages (${DEFAULT_LIMIT})`,
      '--json': 'one JSON object a line',
    },
    maxWords: 1,
    run: (invocation) =>
      withDeadLetters(invocation, async (deadLetters) => {
        const found = await deadLetters.list(selectionOf(invocation), limitOf(invocation));
        if (invocation.options['json']) for (const message of found) invocation.print(JSON.stringify(asJson(message)));
        else invocation.print(found.length > 0 ? tableOf(found) : 'No message is parked that fits.');
      }),
  },
  {
    name: 'dlq show',
    synopsis: 'SERVICE --id ID [--json]',
    summary: 'show one parked message with its content',
    description:
      'Shows where the message came from, why it was parked, its headers and its value. This is an audited event.',
    options: { id: { type: 'string' }, json: { type: 'boolean' } },
    optionHelp: {
      '--id ID': 'the id that dlq list shows',
      '--json': 'as a JSON object; a value that is no text in base64',
    },
    maxWords: 1,
    run: (invocation) =>
      withDeadLetters(invocation, async (deadLetters) => {
        const { id } = selectionOf(invocation);
        if (id === undefined) throw new UsageError('Say which message: --id ID.');
        const message = await deadLetters.show(id);
        if (!message) throw new Error(`No message with the id ${id} is parked.`);
        invocation.print(invocation.options['json'] ? JSON.stringify(asJson(message)) : detailsOf(message));
      }),
  },
  {
    name: 'dlq replay',
    synopsis: `SERVICE ${SELECTORS}`,
    summary: 'have parked messages handled again, in order',
    description: `Releases the keys of the selected messages, each as a whole, because the messages of a key are handled in order. The
running service handles them within seconds, before newer messages of the key. A message that fails again is parked
again, and what is behind it with it. Every released key is an audited event.`,
    options: selecting,
    optionHelp: selectingHelp,
    maxWords: 1,
    run: (invocation) =>
      withDeadLetters(invocation, async (deadLetters) => {
        const released = await deadLetters.replay(someSelectionOf(invocation));
        for (const { topic, key, messages } of released)
          invocation.print(`released ${topic} ${key}: ${messages} messages`);
        invocation.print(released.length > 0 ? `${released.length} keys released` : 'No message is parked that fits.');
      }),
  },
  {
    name: 'dlq discard',
    synopsis: `SERVICE ${SELECTORS}`,
    summary: 'give parked messages up for good',
    description: `Removes the selected messages: they will never be handled, and nothing can bring them back but the dead-letter topic's
copy. What waits behind them stays parked until dlq replay. Every discarded message is an audited event.`,
    options: selecting,
    optionHelp: selectingHelp,
    maxWords: 1,
    run: (invocation) =>
      withDeadLetters(invocation, async (deadLetters) => {
        const discarded = await deadLetters.discard(someSelectionOf(invocation));
        if (discarded.length > 0) invocation.print(tableOf(discarded));
        invocation.print(
          discarded.length > 0 ? `${discarded.length} messages discarded` : 'No message is parked that fits.',
        );
      }),
  },
];

function withDeadLetters<T>({ words, env }: Invocation, work: (deadLetters: DeadLetters) => Promise<T>): Promise<T> {
  return withServiceDatabase(serviceNamed(words[0]), env, ({ database, outbox, service }) =>
    work(new DeadLetters(database, outbox, service)),
  );
}

function selectionOf({ options }: Invocation): Selection {
  const text = (name: string) => (typeof options[name] === 'string' ? { [name]: options[name] } : {});
  const time = (name: string) => (typeof options[name] === 'string' ? { [name]: instantOf(options[name]) } : {});
  const { id } = options;
  if (typeof id === 'string' && !/^\d{1,18}$/.test(id)) throw new UsageError(`"${id}" is no id of a parked message.`);
  return { ...text('id'), ...text('key'), ...text('topic'), ...time('since'), ...time('until') };
}

/** A change needs a selection on purpose: an empty one would mean every parked message of the service. */
function someSelectionOf(invocation: Invocation): Selection {
  const selection = selectionOf(invocation);
  if (Object.keys(selection).length > 0) return selection;
  throw new UsageError('Say which messages: --id, --key, --topic, --since or --until.');
}

function instantOf(text: string): Date {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  // The pattern lets only these units through.
  const instant = ago ? new Date(Date.now() - Number(ago[1]) * unitMs[ago[2] as keyof typeof unitMs]) : new Date(text);
  if (Number.isNaN(instant.getTime())) throw new UsageError(`"${text}" is no time: use 2026-01-31T12:00:00Z or 12h.`);
  return instant;
}

function limitOf({ options }: Invocation): number {
  const limit = Number(options['limit'] ?? DEFAULT_LIMIT);
  if (!Number.isSafeInteger(limit) || limit < 1) throw new UsageError('--limit must be a whole number from 1.');
  return limit;
}

function tableOf(messages: readonly ParkedMessage[]): string {
  const header = ['ID', 'PARKED AT', 'MESSAGE', 'KEY', 'TRIES', 'ERROR'];
  const rows = messages.map((message) => [
    message.id,
    message.parkedAt.toISOString(),
    `${message.topic}[${message.partition}]@${message.offset}`,
    message.key,
    String(message.attempts),
    `${message.errorClass}${message.releasedAt ? ' (released)' : ''}`,
  ]);
  return columns([header, ...rows]);
}

function detailsOf(message: ParkedMessage): string {
  const { headers, value, ...facts } = asJson(message);
  const lines = Object.entries(facts).map(([name, fact]) => [name, String(fact)]);
  const headerLines = Object.entries(headers).map(([name, text]) => [`  ${name}`, text]);
  return [columns(lines), 'headers', columns(headerLines), 'value', value ?? '(none)'].join('\n');
}

function asJson(message: ParkedMessage) {
  return {
    id: message.id,
    topic: message.topic,
    partition: message.partition,
    offset: message.offset,
    key: message.key,
    event_id: message.eventId,
    error_class: message.errorClass,
    error_message: message.errorMessage,
    attempts: message.attempts,
    first_seen_at: message.firstSeenAt.toISOString(),
    parked_at: message.parkedAt.toISOString(),
    released_at: message.releasedAt?.toISOString() ?? null,
    headers: message.headers,
    value: message.value === null ? null : textOf(message.value),
  };
}

function textOf(value: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value);
  } catch {
    return `base64:${value.toString('base64')}`;
  }
}
