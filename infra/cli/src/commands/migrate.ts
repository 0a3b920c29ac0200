import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { checkTopics, topicsOfServices } from '@gatehouse/messaging';
import type { MigrationAction, MigrationReport } from '@gatehouse/database';
import type { Command, Invocation } from '../command.ts';
import { withKafkaAdmin } from '../kafka-admin.ts';
import { migrateService, migrateTopics } from '../migrate.ts';
import { serviceNamed } from '../operators.ts';
import { UsageError } from '../usage-error.ts';

const actions: readonly string[] = ['up', 'revert', 'status'] satisfies MigrationAction[];

export const migrateCommand: Command = {
  name: 'migrate',
  synopsis: '[SERVICE] [up|revert|status]',
  summary: 'bring databases, topics and access rules to what this version needs',
  description: `up (the default) runs the missing migrations of one service, or of all four, each under an advisory lock; then it
creates the missing topics, compares every other with its declaration, and grants each service the access that the
contracts declare. A topic with other partitions, retention or cleanup policy than declared is an error that names
both values; nothing about it is changed.

revert takes the last migration of one service back. status only looks. Repeating any of them is safe.`,
  options: { reader: { type: 'string' } },
  optionHelp: {
    '--reader PRINCIPAL': 'a Kafka principal that may read every topic, in groups named PRINCIPAL-*',
  },
  maxWords: 2,
  run: async (invocation) => {
    const { wanted, action } = understand(invocation.words);
    if (action === 'revert' && wanted.length > 1)
      throw new UsageError('Name the service whose last migration to revert.');
    for (const service of wanted) {
      const report = await migrateService(service, action, invocation.env);
      invocation.print(`${service}: ${summaryOf(report, action)}`);
    }
    if (action === 'up') await bringTopicsUp(wanted, invocation);
    if (action === 'status') await tellTopics(wanted, invocation);
  },
};

function understand(words: readonly string[]): { wanted: readonly Service[]; action: MigrationAction } {
  const given = words.filter((word) => actions.includes(word));
  const named = words.filter((word) => !actions.includes(word));
  if (given.length > 1 || named.length > 1) throw new UsageError('Name at most one service and one action.');
  return {
    wanted: named.length > 0 ? [serviceNamed(named[0])] : services,
    action: (given[0] ?? 'up') as MigrationAction, // -- one of `actions`
  };
}

function summaryOf({ migrations, changed }: MigrationReport, action: MigrationAction): string {
  if (action === 'revert')
    return changed.length > 0 ? `took back ${changed.join(', ')}` : 'there is nothing to take back';
  const missing = migrations.filter(({ applied }) => !applied).map(({ name }) => name);
  if (missing.length > 0) return `missing ${missing.join(', ')}`;
  if (changed.length > 0) return `ran ${changed.join(', ')}`;
  return `up to date (${migrations.length} migrations)`;
}

async function bringTopicsUp(wanted: readonly Service[], { env, options, print }: Invocation): Promise<void> {
  const reader = options['reader'];
  const readers = typeof reader === 'string' ? [reader] : [];
  const created = await migrateTopics({ services: wanted, env, readers });
  const checked = topicsOfServices(wanted).length - created.length;
  if (created.length > 0) print(`topics: created ${created.join(', ')}`);
  print(`topics: ${checked} existing ones are as declared; access is granted`);
}

async function tellTopics(wanted: readonly Service[], { env, print }: Invocation): Promise<void> {
  const topics = topicsOfServices(wanted);
  const { missing, mismatches } = await withKafkaAdmin(env, (admin, prefix) => checkTopics(admin, topics, prefix));
  if (missing.length > 0) print(`topics: missing ${missing.join(', ')}`);
  for (const { topic, setting, declared, actual } of mismatches) {
    print(`topics: ${topic}: ${setting} is declared ${declared}, Kafka has ${actual}`);
  }
  if (missing.length + mismatches.length === 0) print(`topics: all ${topics.length} are as declared`);
}
