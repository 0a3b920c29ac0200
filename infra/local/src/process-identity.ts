import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Names one process for ever: pids are reused, but not together with a start time. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in whatever unit the system counts. */
  readonly start: string;
}

/** The identity of the process with this pid, or undefined when there is none (or only a zombie). */
export function identify(pid: number): ProcessIdentity | undefined {
  const start = processStart(pid);
  return start ? { pid, start } : undefined;
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, start: processStart(process.pid) ?? '' };
}

/** Whether this very process still runs. */
export function isRunning({ pid, start }: ProcessIdentity): boolean {
  return start !== '' && processStart(pid) === start;
}

function processStart(pid: number): string | undefined {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout.trim() || undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything, so fields are counted behind its end.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}
