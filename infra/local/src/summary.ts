import { relative } from 'node:path';
import { services } from '@gatehouse/contracts';
import { DEMO_USER } from './seed.ts';
import type { Environments } from './environments.ts';
import type { Servers } from './servers.ts';

export interface SummaryInput {
  readonly home: string;
  readonly urls: Environments['urls'];
  readonly servers: Servers;
  /** Since the command began. */
  readonly seconds: string;
}

/** The table of addresses, and what to try next. */
export function summary({ home, urls, servers, seconds }: SummaryInput): string {
  const row = (...cells: string[]) => `  ${cells.map((cell, index) => cell.padEnd([20, 25, 30, 0][index] ?? 0)).join(' ')}`; // prettier-ignore
  const folder = relative(process.cwd(), home) || home;
  return [
    '',
    row('SERVICE', 'ADDRESS', 'API PAGE', 'HEALTH AND METRICS'),
    ...services.map((service) => row(service, urls[service].url, `${urls[service].url}/docs`, urls[service].admin)),
    '',
    ...(servers.mailUrl ? [row('mails', servers.mailUrl)] : []),
    ...(servers.tracesUrl ? [row('traces', servers.tracesUrl)] : []),
    '',
    `  Ready in ${seconds} s. Try next, in another terminal:`,
    '    npm run journey                 the whole flow through all services, step by step',
    `    curl ${urls.token.url}/.well-known/openid-configuration`,
    '    npm run gatehouse -- --help     the operator command',
    `  Log in as ${DEMO_USER.email}; its password and every address: ${folder}/platform.json`,
    `  Logs: ${folder}/logs. Ctrl-C stops everything; data stays until npm run reset.`,
    '',
  ].join('\n');
}
