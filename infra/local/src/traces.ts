import { mkdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { mavenFiles } from './maven.ts';
import type { Place, RunningPart } from './part.ts';
import { untilReady } from './readiness.ts';

const project = join(import.meta.dirname, '..', 'zipkin');

export interface TracesOptions extends Place {
  readonly port: number;
}

/** Zipkin with its spans in memory. It takes seven seconds and is not needed for anything else, so nobody waits for it. */
export async function startTraces(options: TracesOptions): Promise<RunningPart> {
  const jars = await mavenFiles({ ...options, project, take: 'jars' });
  mkdirSync(options.home, { recursive: true, mode: 0o700 });
  const listen = { address: '127.0.0.1', port: options.port, 'protocols[0]': 'http' };
  const zipkin = options.processes.start({
    name: 'traces',
    command: 'java',
    args: [
      ...['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Djava.io.tmpdir=${options.home}`],
      ...['-cp', join(jars, '*'), 'org.springframework.boot.loader.launch.JarLauncher'],
      ...Object.entries(listen).map(([name, value]) => `--armeria.ports[0].${name}=${value}`),
    ],
    env: { ...process.env, MEM_MAX_SPANS: '50000' },
    logFile: options.logFile,
  });
  setPriority(zipkin.pid, 10); // after the services, where cores are few
  const attempt = () => fetch(`http://127.0.0.1:${options.port}/health`);
  await untilReady(zipkin, { logFile: options.logFile, attempt });
  return zipkin;
}
