import { keptForMs, takeFrom, type Bucket, type Taken, type Taking } from './token-bucket.ts';

/**
 * Buckets in this process, for while Redis is away: the same arithmetic, so a limit holds for each instance by itself.
 * Bounded; the bucket that was used least recently makes room.
 */
export class LocalBuckets {
  readonly #buckets = new Map<string, { readonly bucket: Bucket; readonly untilMs: number }>();

  constructor(private readonly options: { readonly bucketsMax: number; readonly now?: () => number }) {}

  get size(): number {
    return this.#buckets.size;
  }

  take(keys: readonly string[], takings: readonly Taking[]): Taken {
    const nowMs = Math.floor((this.options.now ?? (() => performance.now()))());
    const kept = keys.map((key) => this.#buckets.get(key)).map((one) => (one && one.untilMs > nowMs ? one.bucket : undefined)); // prettier-ignore
    const { taken, buckets } = takeFrom(kept, takings, nowMs);
    buckets?.forEach((bucket, index) => {
      const [key, taking] = [keys[index], takings[index]];
      if (key !== undefined && taking) this.#keep(key, bucket, nowMs + keptForMs(bucket, taking.rule));
    });
    return taken;
  }

  #keep(key: string, bucket: Bucket, untilMs: number): void {
    this.#buckets.delete(key);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= this.options.bucketsMax && oldest !== undefined) this.#buckets.delete(oldest);
    this.#buckets.set(key, { bucket, untilMs });
  }
}
