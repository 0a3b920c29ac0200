import { copyFileSync } from 'node:fs';
import { startTestPlatform } from './test-platform.ts';

/*
 * Runs a test platform until it is told to stop: by SIGINT or SIGTERM, or, with `--until-stdin-closes`, by the end of
 * the process that started it, however that came about. `--file=PATH` also writes the description there.
 */
const stopping = new Promise<void>((resolve) => {
  process.on('SIGINT', () => resolve());
  process.on('SIGTERM', () => resolve());
  if (process.argv.includes('--until-stdin-closes')) process.stdin.on('end', () => resolve()).resume();
});
const platform = await startTestPlatform();
const wanted = process.argv.find((argument) => argument.startsWith('--file='))?.slice('--file='.length);
if (wanted) copyFileSync(platform.file, wanted);
console.log(`export GATEHOUSE_TEST_PLATFORM=${wanted ?? platform.file}`);
await stopping;
await platform.stop();
process.exit(0);
