import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningPart } from './part.ts';

export interface ReadinessCheck {
  readonly logFile: string;
  /** Really uses the server; throws until it can be used. */
  readonly attempt: () => Promise<unknown>;
  /** Errors that waiting does not cure, with what to tell about them. */
  readonly hopeless?: (error: unknown) => string | undefined;
  readonly withinMs?: number;
}

/** Resolves when the attempt succeeds; throws with the end of the log when the server ends first or the time is over. */
export async function untilReady(part: RunningPart, { logFile, attempt, hopeless, withinMs = 90_000 }: ReadinessCheck) {
  let ended: string | undefined;
  void part.exited.then((how) => (ended = how));
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await Promise.race([attempt(), part.exited.then((how) => Promise.reject(new Error(how)))]);
    } catch (error) {
      if (ended !== undefined) throw new Error(`${part.name} ${ended}\n${lastLines(logFile)}`);
      const verdict = hopeless?.(error);
      if (verdict) throw new Error(`${part.name}: ${verdict}`, { cause: error });
      if (Date.now() > deadline)
        throw new Error(`${part.name} was not ready within ${withinMs / 1000} s\n${lastLines(logFile)}`, {
          cause: error,
        });
    }
    await delay(50);
  }
}

function lastLines(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10);
  return [`(last lines of ${file})`, ...lines].join('\n');
}
