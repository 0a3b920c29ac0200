import type { Command } from './command.ts';
import { columns } from './table.ts';

const SETTINGS = `Settings come from the environment: *_DATABASE_URL of the service, KAFKA_BROKERS, KAFKA_ADMIN_USERNAME and
KAFKA_ADMIN_PASSWORD (and KAFKA_MECHANISM, KAFKA_TLS, KAFKA_TOPIC_PREFIX where the services have them).
GATEHOUSE_OPERATOR names you in the audit log; without it, your user name does.`;

/** What `gatehouse` alone shows. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [`  gatehouse ${name}`, summary]);
  return [
    "Gatehouse's operator command.",
    '',
    columns(rows),
    '',
    'gatehouse COMMAND --help explains a command.',
    '',
    SETTINGS,
  ].join('\n');
}

/** What `gatehouse COMMAND --help` shows. */
export function commandHelp({ name, synopsis, description, optionHelp }: Command): string {
  const options = Object.entries(optionHelp).map(([option, help]) => [`  ${option}`, help]);
  return [
    `gatehouse ${name} ${synopsis}`.trimEnd(),
    '',
    description,
    ...(options.length > 0 ? ['', columns(options)] : []),
  ].join('\n');
}
