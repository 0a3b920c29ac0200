import { setTimeout as delay } from 'node:timers/promises';

export interface Deadline {
  /** `'500ms'`, `'5s'`, `'2m'`. */
  readonly within: `${number}${'ms' | 's' | 'm'}`;
}

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000 };

/**
 * Repeats a check, which throws or returns false while it does not hold, until it holds. Fails at the deadline with
 * the check's last error, so that a test says what was wrong and not only that it took too long.
 *
 * @example await eventually(() => expect(sink.mails).toHaveLength(1), { within: '5s' });
 */
export async function eventually<T>(check: () => T | Promise<T>, { within }: Deadline): Promise<Exclude<T, false>> {
  const deadline = performance.now() + milliseconds(within);
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 100)) {
    let failure: unknown;
    try {
      const value = await check();
      if (value !== false) return value as Exclude<T, false>; // -- the line itself excludes it
      failure = new Error('the check still returned false');
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) throw late(failure, within);
    await delay(pauseMs);
  }
}

function milliseconds(within: Deadline['within']): number {
  const [, amount, unit] = /^([\d.]+)(ms|s|m)$/.exec(within) ?? [];
  if (!amount || !unit) throw new TypeError(`Not a duration: ${within}`);
  return Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
}

function late(failure: unknown, within: string): Error {
  const error = failure instanceof Error ? failure : new Error(String(failure));
  error.message = `Not within ${within}: ${error.message}`;
  return error;
}
