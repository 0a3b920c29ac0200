import { decimal, oneOf, setting, settings, url } from '@gatehouse/config';

/** Where spans go and how many; the names are OpenTelemetry's own. */
export const telemetrySettings = settings(
  {
    OTEL_TRACES_EXPORTER: setting(oneOf(['otlp', 'zipkin', 'none']).default('none'), {
      example: 'otlp',
      description: 'How spans leave the process. An exporter that is away never disturbs the service.',
    }),
    OTEL_EXPORTER_OTLP_ENDPOINT: setting(url().optional(), {
      example: 'http://127.0.0.1:4318',
      description: 'Base URL of an OTLP/HTTP receiver; /v1/traces is appended.',
    }),
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: setting(url().optional(), {
      example: 'http://127.0.0.1:9411/api/v2/spans',
      description: 'URL of a Zipkin collector.',
    }),
    OTEL_TRACES_SAMPLER_ARG: setting(decimal({ min: 0, max: 1 }).default(1), {
      example: '0.05',
      description: 'Share of the traces begun here that are recorded; a caller that has decided is followed.',
    }),
  },
  {
    rules: (config) => [
      ...(config.OTEL_TRACES_EXPORTER === 'otlp' && config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? [{ variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', problem: 'is required where OTEL_TRACES_EXPORTER is otlp' }]
        : []),
      ...(config.OTEL_TRACES_EXPORTER === 'zipkin' && config.OTEL_EXPORTER_ZIPKIN_ENDPOINT === undefined
        ? [{ variable: 'OTEL_EXPORTER_ZIPKIN_ENDPOINT', problem: 'is required where OTEL_TRACES_EXPORTER is zipkin' }]
        : []),
    ],
  },
);
