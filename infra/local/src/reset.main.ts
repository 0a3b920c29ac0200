import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { takeLock } from './lock.ts';
import { Processes } from './processes.ts';
import { elsewhereOf } from './servers.ts';
import { downloadFolder, stateFolder } from './workspace.ts';

/* `npm run reset`: throws away databases, topics, mails, secrets and logs of the local platform. Downloads are kept. */
if (!existsSync(stateFolder)) {
  console.log('There is nothing to throw away.');
  process.exit(0);
}
try {
  const unlock = takeLock(join(stateFolder, 'lock'));
  if (await confirmed()) {
    await new Processes(join(stateFolder, 'processes.json')).recover();
    for (const entry of readdirSync(stateFolder))
      if (join(stateFolder, entry) !== downloadFolder)
        rmSync(join(stateFolder, entry), { recursive: true, force: true });
    rmSync(elsewhereOf(stateFolder), { recursive: true, force: true });
    console.log('Done. The next npm start begins from nothing.');
  } else console.log('Nothing was thrown away.');
  unlock();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function confirmed(): Promise<boolean> {
  if (process.argv.includes('--yes')) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const question = `Throw away all local data in ${stateFolder} (databases, topics, mails, secrets, logs)? [y/N] `;
  const answer = await terminal.question(question).finally(() => terminal.close());
  return /^y(es)?$/i.test(answer.trim());
}
