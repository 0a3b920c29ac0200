import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanKind,
} from '@opentelemetry/api';

export const tracer = trace.getTracer('gatehouse');

/** W3C Trace Context as it travels in HTTP and Kafka headers. */
export interface TraceHeaders {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** The headers that continue the active span elsewhere; empty where there is none. */
export function injectTraceparent(from: Context = context.active()): TraceHeaders {
  const headers: { traceparent?: string; tracestate?: string } = {};
  propagation.inject(from, headers);
  return headers;
}

/** The context that `headers` continue; without valid ones, a new trace begins in it. */
export function extractTraceparent(headers: TraceHeaders): Context {
  return propagation.extract(ROOT_CONTEXT, headers);
}

export interface SpanOptions {
  readonly kind?: SpanKind;
  /** Instead of the active span. */
  readonly parent?: Context;
  readonly links?: readonly Link[];
  readonly attributes?: Attributes;
}

/** Runs `fn` in a span that ends with it; an error is recorded and thrown on. */
export async function withSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => Promise<T> | T): Promise<T> {
  const { parent = context.active(), links = [], ...rest } = options;
  const span = tracer.startSpan(name, { ...rest, links: [...links] }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => fn(span));
  } catch (error) {
    recordFailure(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Marks a span as failed. */
export function recordFailure(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : new Error(String(error));
  span.recordException(exception);
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}
