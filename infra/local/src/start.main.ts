import { AlreadyRunning } from './lock.ts';
import { runLocalPlatform } from './local-platform.ts';
import { readSettings } from './settings.ts';
import { stateFolder } from './workspace.ts';

/*
 * `npm start` and, with `--watch`, `npm run dev`. Ends on SIGINT, SIGTERM and SIGHUP, and when the process that started
 * it goes away.
 */
const stop = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  process.on('disconnect', () => resolve());
});
try {
  await runLocalPlatform({
    home: stateFolder,
    settings: readSettings(process.env),
    verbose: process.argv.includes('--verbose'),
    watch: process.argv.includes('--watch'),
    stop,
  });
  process.exit(0);
} catch (error) {
  console.error(`\n${error instanceof AlreadyRunning ? `${error.message} Stop it there, or use it.` : (error as Error).message}\n`); // prettier-ignore
  process.exit(1);
}
