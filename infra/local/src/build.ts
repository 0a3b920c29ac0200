import { execFile } from 'node:child_process';
import { watch } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import type { Processes } from './processes.ts';
import { workspaceRoot } from './workspace.ts';

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
/** What runs: services and the operator's command, with the libraries that they reference. */
const projects = [...services.map((service) => `services/${service}`), 'infra/cli'].map(
  (folder) => `${folder}/tsconfig.lib.json`,
);

/** Compiles what has changed; throws with the compiler's messages. */
export async function build(): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [compiler, '-b', ...projects], { cwd: workspaceRoot });
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout || (error as Error).message, { cause: error });
  }
}

/** Compiles at every change from now on, and tells which services have to be started again. */
export function rebuildOnChange(processes: Processes, logFile: string, changed: (services: Service[]) => void): void {
  const args = [compiler, '-b', '--watch', '--preserveWatchOutput', ...projects];
  processes.start({ name: 'build', command: process.execPath, args, cwd: workspaceRoot, logFile });
  const touched = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const note = (folder: string) => {
    touched.add(folder);
    clearTimeout(timer);
    timer = setTimeout(() => {
      // A library or a contract belongs to every service.
      const all = [...touched].some((name) => !(services as readonly string[]).includes(name));
      changed(services.filter((service) => all || touched.has(service)));
      touched.clear();
    }, 700);
  };
  for (const top of ['contracts', 'libs', 'services'])
    watch(join(workspaceRoot, top), { recursive: true }, (_event, file) => {
      const parts = file?.split('/') ?? [];
      if (parts.includes('dist') && file?.endsWith('.js')) note(top === 'services' ? (parts[0] ?? '') : top);
    });
}
