import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** Of 512 spans each; one takes about a kilobyte. */
const BATCHES_UNDER_WAY_MAX = 4;

/**
 * Gives up batches while as many are under way as may be. `BatchSpanProcessor` stops waiting for an export after its timeout
 * and begins the next one, but an exporter without a timeout of its own keeps the spans until the receiver answers: one
 * that is slow, not away, would fill the memory until the service dies.
 */
export class BoundedExporter implements SpanExporter {
  private underWay = 0;

  constructor(private readonly exporter: SpanExporter) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    if (this.underWay >= BATCHES_UNDER_WAY_MAX) {
      const error = new Error(`${spans.length} spans are lost: the receiver of traces does not keep up`);
      return done({ code: ExportResultCode.FAILED, error });
    }
    this.underWay += 1;
    this.exporter.export(spans, (result) => {
      this.underWay -= 1;
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }
}
