import { isIPv6 } from 'node:net';
import { log } from '@gatehouse/telemetry';
import type { RefusalLog, RefusedRequests } from './refusal-log.ts';

const WINDOW_MS = 60_000;
const SOURCES_MAX = 1_000;
const OTHER = 'other';

/**
 * Counts what anyone can cause (400, 404, 429, anonymous 401) per source and minute, in bounded memory, and hands each
 * minute on as at most `sourcesMax + 1` records, so that nobody can fill a disk by being refused.
 */
export class RefusalCounter {
  #windowStart = 0;
  #sources = new Map<string, Map<string, number>>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly refusals: RefusalLog | undefined,
    private readonly options: { readonly sourcesMax?: number; readonly now?: () => number } = {},
  ) {
    this.#timer = setInterval(() => void this.flush(), WINDOW_MS).unref();
  }

  count(ip: string, code: string): void {
    if (this.#sources.size === 0) this.#windowStart = (this.options.now ?? Date.now)();
    const source = sourceOf(ip);
    const known = this.#sources.has(source) || this.#sources.size < (this.options.sourcesMax ?? SOURCES_MAX);
    const counts = this.#countsOf(known ? source : OTHER);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }

  /** Hands the counts on; those that cannot be recorded are kept for the next time. */
  async flush(): Promise<void> {
    const windowStart = new Date(this.#windowStart);
    const sources = this.#sources;
    this.#sources = new Map();
    let failure: unknown;
    for (const [source, counts] of sources) {
      const requests = { source, windowStart, counts: Object.fromEntries(counts) };
      await this.refusals?.refused(requests).catch((error: unknown) => {
        failure = error;
        this.#keep(requests);
      });
    }
    if (failure !== undefined) log('http').warn({ err: failure }, 'refusals_not_recorded');
  }

  /** Stops the timer and hands on what is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #keep({ source, windowStart, counts }: RefusedRequests): void {
    if (this.#sources.size === 0) this.#windowStart = windowStart.getTime();
    const known = this.#sources.has(source) || this.#sources.size < (this.options.sourcesMax ?? SOURCES_MAX);
    const kept = this.#countsOf(known ? source : OTHER);
    for (const [code, count] of Object.entries(counts)) kept.set(code, (kept.get(code) ?? 0) + count);
  }

  #countsOf(source: string): Map<string, number> {
    const counts = this.#sources.get(source) ?? new Map<string, number>();
    this.#sources.set(source, counts);
    return counts;
  }
}

/** One customer commands a whole IPv6 /64, so its addresses are one source. */
function sourceOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  if (ip.startsWith('::ffff:')) return ip.slice('::ffff:'.length);
  const [head = '', tail] = ip.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
