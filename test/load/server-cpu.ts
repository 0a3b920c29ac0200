import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time that a process has used so far, in nanoseconds: the sum over its threads of the exact run time in
 * `/proc/PID/task/*\/schedstat`, which the scheduler keeps in nanoseconds where `stat` counts ticks of 10 ms.
 */
export function cpuNanoseconds(pid: number): number {
  let total = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      total += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // A thread that ended between the listing and the read has nothing more to add.
    }
  }
  return total;
}

/** Resident memory of a process in MiB. */
export function residentMebibytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return match ? Number(match[1]) / 1024 : Number.NaN;
}
