import { trace } from '@opentelemetry/api';
import { pino, type Logger } from 'pino';
import { redactFields, redactText } from './redaction.ts';
import { currentContext } from './request-context.ts';

export type { Logger } from 'pino';

/** As operators query them. */
const levelNames: Readonly<Record<string, string>> = {
  trace: 'TRACE',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'FATAL',
};

interface LineSink {
  write(line: string): void;
}

/** Lines are written together, because a system call for each costs more than all the rest of the line. */
const standardOutput = pino.destination({ dest: 1, sync: false, minLength: 8_192, periodicFlush: 100 });
let sink: LineSink = standardOutput;
let service: string | undefined;

/** Who and which trace a line belongs to. */
function correlation(): Record<string, string | undefined> {
  const span = trace.getActiveSpan()?.spanContext();
  return {
    service,
    trace_id: span?.traceId,
    span_id: span?.spanId,
    request_id: currentContext().request_id ?? undefined,
  };
}

/** Of an error only what is text, a number or a flag: drivers hang whole connections on theirs, with keys inside. */
function describeError(error: Error): Record<string, unknown> {
  const described = Object.entries(pino.stdSerializers.err(error));
  return Object.fromEntries(described.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value)));
}

const root = pino(
  {
    base: null,
    serializers: { err: describeError },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: levelNames[label] ?? label }), log: redactFields },
    mixin: correlation,
    hooks: { streamWrite: redactText },
  },
  { write: (line: string) => sink.write(line) },
);
const loggers = new Map<string, Logger>();

/**
 * The logger of one component: JSON lines with `service`, `component`, `trace_id`, `span_id` and `request_id`, in which
 * secrets are redacted by field and by value.
 *
 * @example log('relay').warn({ topic, err }, 'relay_send_failed');
 */
export function log(component: string): Logger {
  let logger = loggers.get(component);
  if (!logger) {
    logger = root.child({ component });
    loggers.set(component, logger);
  }
  return logger;
}

/** Sets the service's name, the level below which nothing is written, and (for tests) where lines go. */
export function configureLogging(options: { service: string; level: string; sink?: LineSink }): void {
  service = options.service;
  sink = options.sink ?? standardOutput;
  root.level = options.level;
  for (const logger of loggers.values()) logger.level = options.level;
}

/** Writes out what is still buffered; call it before the process ends. */
export function flushLogs(): void {
  try {
    standardOutput.flushSync();
  } catch {
    // Standard output is closed: nobody is left to read it.
  }
}
