import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { BoundedExporter } from './bounded-exporter.ts';

/** A receiver that has taken batches and answers when it is told to. */
class SlowExporter implements SpanExporter {
  readonly answers: ((result: ExportResult) => void)[] = [];
  export(_spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.answers.push(done);
  }
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** What `exporter` answers to `batches` batches, in their order; those without an answer are under way. */
function sendTo(exporter: SpanExporter, batches: number): ExportResult[] {
  const results: ExportResult[] = [];
  for (let batch = 0; batch < batches; batch += 1) exporter.export([], (result) => results.push(result));
  return results;
}

test('of a receiver that does not keep up no more than four batches are waited for, and the others are failures', () => {
  const slow = new SlowExporter();
  const results = sendTo(new BoundedExporter(slow), 100);
  expect(slow.answers).toHaveLength(4);
  expect(results).toHaveLength(96);
  expect(new Set(results.map(({ code, error }) => [code, error?.message].join()))).toEqual(
    new Set(['1,0 spans are lost: the receiver of traces does not keep up']),
  );
});

test('negative control: without the bound every batch is kept', () => {
  const slow = new SlowExporter();
  sendTo(slow, 100);
  expect(slow.answers).toHaveLength(100);
});

test('an answer, good or bad, makes room for the next batch', () => {
  const slow = new SlowExporter();
  const bounded = new BoundedExporter(slow);
  sendTo(bounded, 4);
  slow.answers[0]?.({ code: 0 });
  slow.answers[1]?.({ code: 1 });
  expect(sendTo(bounded, 3)).toHaveLength(1);
  expect(slow.answers).toHaveLength(6);
});
