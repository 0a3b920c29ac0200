import type { ConfigOf } from '@gatehouse/config';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  NoopSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import { BoundedExporter } from './bounded-exporter.ts';
import { configureLogging, log } from './logging.ts';
import { collectProcessMetrics, counter } from './metrics.ts';
import { setProcessActor } from './request-context.ts';
import type { telemetrySettings } from './telemetry-settings.ts';

export type TelemetrySettings = ConfigOf<typeof telemetrySettings> & { readonly LOG_LEVEL?: string };

export interface Telemetry {
  /** Sends what is buffered, as far as the receiver takes it, and stops. Never rejects. */
  shutdown(): Promise<void>;
}

let started: Telemetry | undefined;

/** Starts tracing, logging and process metrics of `service`, once per process; later calls return the first. */
export function startTelemetry(options: { service: string; settings: TelemetrySettings }): Telemetry {
  const { service, settings } = options;
  if (started) return started;
  configureLogging({ service, level: settings.LOG_LEVEL ?? 'info' });
  setProcessActor(service);
  collectProcessMetrics();
  const report = reportExporterFailures();
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'gatehouse' }),
    autoDetectResources: false,
    textMapPropagator: new W3CTraceContextPropagator(),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
    ...tracing(settings),
  });
  sdk.start();
  started = { shutdown: () => sdk.shutdown().catch(report) };
  return started;
}

/** Without an exporter spans still have ids, so that logs, events and audit entries can name the trace. */
function tracing(settings: TelemetrySettings) {
  const exporter = exporterOf(settings);
  if (!exporter) return { sampler: new AlwaysOffSampler(), spanProcessors: [new NoopSpanProcessor()] };
  return {
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.OTEL_TRACES_SAMPLER_ARG) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new BoundedExporter(exporter),
        scheduledDelayMillis: 1_000,
        exportTimeoutMillis: 5_000,
      }),
    ],
  };
}

function exporterOf(settings: TelemetrySettings): SpanExporter | undefined {
  switch (settings.OTEL_TRACES_EXPORTER) {
    case 'otlp':
      return new OTLPTraceExporter({
        url: `${(settings.OTEL_EXPORTER_OTLP_ENDPOINT ?? '').replace(/\/$/, '')}/v1/traces`,
        timeoutMillis: 5_000,
      });
    case 'zipkin':
      return new ZipkinExporter({ url: settings.OTEL_EXPORTER_ZIPKIN_ENDPOINT ?? '' });
    case 'none':
      return undefined;
  }
}

const REPORT_INTERVAL_MS = 60_000;

/** An exporter that is away is counted, and logged at most once a minute; nothing else happens. */
function reportExporterFailures(): (error: unknown) => void {
  const failures = counter({ name: 'telemetry_export_failures_total', help: 'Failed exports of spans.' });
  let reportedAt = Number.NEGATIVE_INFINITY;
  const report = (error: unknown) => {
    failures.inc();
    if (performance.now() - reportedAt < REPORT_INTERVAL_MS) return;
    reportedAt = performance.now();
    log('telemetry').warn({ err: error }, 'telemetry_export_failed');
  };
  setGlobalErrorHandler(report);
  const ignore = () => undefined;
  diag.setLogger(
    { error: report, warn: ignore, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  return report;
}
