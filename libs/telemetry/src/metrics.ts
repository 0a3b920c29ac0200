import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type Metric } from 'prom-client';

/** Every metric of this process, as `/metrics` shows it. */
export const metrics = new Registry();

let collecting = false;

/** Process, memory, garbage collection and event-loop delay; once per process. */
export function collectProcessMetrics(): void {
  if (collecting) return;
  collecting = true;
  collectDefaultMetrics({ register: metrics });
}

interface MetricOptions<L extends string> {
  /** Prometheus' conventions: base units in the name, `_total` on counters. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

/** The counter of that name, made at its first use. */
export function counter<L extends string = never>(options: MetricOptions<L>): Counter<L> {
  return existing(options.name) ?? new Counter({ ...definition(options) });
}

/** The gauge of that name; `collect` is asked at every scrape. */
export function gauge<L extends string = never>(
  options: MetricOptions<L> & { readonly collect?: (gauge: Gauge<L>) => void | Promise<void> },
): Gauge<L> {
  const { collect } = options;
  return (
    existing(options.name) ??
    new Gauge({
      ...definition(options),
      ...(collect && {
        collect(this: Gauge<L>) {
          return collect(this);
        },
      }),
    })
  );
}

/** The histogram of that name; buckets are upper bounds in its unit. */
export function histogram<L extends string = never>(
  options: MetricOptions<L> & { readonly buckets: readonly number[] },
): Histogram<L> {
  return existing(options.name) ?? new Histogram({ ...definition(options), buckets: [...options.buckets] });
}

/** Bounds for durations in seconds, from a cache hit to a client's patience. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

function definition<L extends string>({ name, help, labels = [] }: MetricOptions<L>) {
  return { name, help, labelNames: labels, registers: [metrics] };
}

/** In tests several services share one process, and so its metrics. */
function existing<M>(name: string): M | undefined {
  return metrics.getSingleMetric(name) as (Metric & M) | undefined; // -- one name is declared with one kind
}
