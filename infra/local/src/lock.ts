import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isRunning, thisProcess } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Another starter holds the lock. */
export class AlreadyRunning extends Error {
  readonly pid: number;

  constructor(pid: number) {
    super(`The platform is already running, started by process ${pid}.`);
    this.pid = pid;
  }
}

/**
 * Makes this process the only one that runs the platform of this workspace; the result gives the lock back. A lock
 * whose process no longer runs is taken over. Throws AlreadyRunning.
 */
export function takeLock(file: string): () => void {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(thisProcess()));
  try {
    for (;;) {
      try {
        linkSync(own, file); // fails where the lock exists, and a lock never exists half written
        return () => rmSync(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const holder = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
        if (isRunning(holder)) throw new AlreadyRunning(holder.pid);
        renameSync(file, `${own}.stale`);
        rmSync(`${own}.stale`);
      }
    }
  } finally {
    rmSync(own);
  }
}
