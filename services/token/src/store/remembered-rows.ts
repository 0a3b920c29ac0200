import type { counter } from '@gatehouse/telemetry';

const ROWS_MAX = 10_000;

export interface RememberedRowsOptions {
  /** How long a row is remembered of which nothing is heard. */
  readonly keptMs: number;
  readonly asked: ReturnType<typeof counter<'outcome'>>;
}

/**
 * Rows that an instance remembers under the key by which they are asked for: for `keptMs` at most, ROWS_MAX of them at most,
 * and not longer than it takes to hear of a change (`forget`). What there is not is never remembered, so strangers
 * cannot fill the memory.
 */
export class RememberedRows<T extends { readonly id: string }> {
  private readonly kept = new Map<string, { readonly row: T; readonly untilMs: number }>();
  private readonly keys = new Map<string, string>();

  /** Raised by every `forget`: what was read before it must not be kept after it. */
  private forgotten = 0;

  constructor(private readonly options: RememberedRowsOptions) {}

  /** Undefined where nothing is remembered, which says nothing. No I/O. */
  get(key: string): T | undefined {
    const kept = this.kept.get(key);
    const row = kept && kept.untilMs > performance.now() ? kept.row : undefined;
    this.options.asked.inc({ outcome: row ? 'hit' : 'miss' });
    return row;
  }

  /** Forgets the row with this id, whatever its key was. */
  forget(id: string): void {
    this.forgotten += 1;
    this.drop(id);
  }

  /** What `find` gives, which is remembered instead of what was. */
  async read(key: string, find: () => Promise<T | undefined>): Promise<T | undefined> {
    const { forgotten } = this;
    const untilMs = performance.now() + this.options.keptMs;
    const row = await find();
    this.drop(this.kept.get(key)?.row.id);
    if (row && forgotten === this.forgotten) this.keep(key, row, untilMs);
    return row;
  }

  private keep(key: string, row: T, untilMs: number): void {
    this.drop(row.id);
    const [oldest] = this.keys.keys();
    if (this.keys.size >= ROWS_MAX) this.drop(oldest);
    this.kept.set(key, { row, untilMs });
    this.keys.set(row.id, key);
  }

  private drop(id: string | undefined): void {
    const key = id === undefined ? undefined : this.keys.get(id);
    if (id === undefined || key === undefined) return;
    this.keys.delete(id);
    this.kept.delete(key);
  }
}
