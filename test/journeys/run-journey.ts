import { existsSync, readFileSync } from 'node:fs';
import { makeJourney } from './journey.ts';
import type { Destination } from './journey.ts';
import { mailSink } from './mailbox.ts';

const PLATFORM_FILE = '.gatehouse/platform.json';

/** `npm run journey`: drives the flow against the running platform and prints each step with its time. */
async function main(): Promise<void> {
  if (!existsSync(PLATFORM_FILE))
    throw new Error('The platform is not running: start it with `npm start` in another terminal.');
  const platform = JSON.parse(readFileSync(PLATFORM_FILE, 'utf8')) as Destination & {
    mail: { url: string };
    traces: { url: string };
  };
  const start = performance.now();
  const result = await makeJourney(platform, mailSink(platform.mail.url), (step, detail, elapsedMs) => {
    process.stdout.write(`  ${step.padEnd(20)} ${detail.padEnd(52)} ${elapsedMs.toFixed(0).padStart(6)} ms\n`);
  });
  process.stdout.write(`\n  audited: ${result.auditedActions.join(', ')}\n`);
  process.stdout.write(`  trace:   ${platform.traces.url}/zipkin/traces/${result.traceId}\n`);
  process.stdout.write(`  done in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`\n  The journey stopped: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
