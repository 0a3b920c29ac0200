import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Place, RunningPart } from './part.ts';
import { untilReady } from './readiness.ts';

export interface MailOptions extends Place {
  readonly smtpPort: number;
  readonly pagePort: number;
}

/** A mail server that delivers nothing and shows every mail on a page and through an API (`GET /email`). */
export async function startMail(options: MailOptions): Promise<RunningPart> {
  mkdirSync(options.home, { recursive: true, mode: 0o700 });
  const maildev = createRequire(import.meta.url).resolve('maildev/bin/maildev');
  const ports = ['--smtp', String(options.smtpPort), '--web', String(options.pagePort)];
  const mail = options.processes.start({
    name: 'mail',
    command: process.execPath,
    args: ['--max-old-space-size=96', '--max-semi-space-size=1', maildev, ...ports, '--ip', '127.0.0.1', '--web-ip', '127.0.0.1', '--mail-directory', options.home], // prettier-ignore
    logFile: options.logFile,
  });
  const attempt = () => fetch(`http://127.0.0.1:${options.pagePort}/healthz`);
  await untilReady(mail, { logFile: options.logFile, attempt });
  return mail;
}
