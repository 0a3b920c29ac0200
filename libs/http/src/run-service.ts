import { readConfig, type AnySettings } from '@gatehouse/config';
import { flushLogs, instrumentModules, log, startTelemetry, type TelemetrySettings } from '@gatehouse/telemetry';
import { createService, type RunningService } from './create-service.ts';
import type { ServiceConfig, ServiceDefinition } from './service-options.ts';

/**
 * The whole life of a service's process, for its `main.ts`. `load` imports the service dynamically, because pg and
 * ioredis have to be loaded after their instrumentation.
 *
 * @example await runService(async () => (await import('./service.ts')).tokenService);
 */
export async function runService<C extends AnySettings>(load: () => Promise<ServiceDefinition<C>>): Promise<void> {
  instrumentModules();
  const definition = await load();
  const values = readConfig(definition.config);
  const config = values as unknown as ServiceConfig & TelemetrySettings; // -- every service's config has both fragments
  const telemetry = startTelemetry({ service: definition.service, settings: config });
  let service: RunningService | undefined;
  const stop = (exitCode: number) => {
    void (service?.close() ?? Promise.resolve()).finally(() => exit(exitCode));
  };
  onSignals(() => stop(0));
  onCrash((error) => (service ? service.shutdown.fatal('uncaught error', error) : failStart(error)));
  try {
    service = await createService({
      ...definition,
      config,
      module: definition.module(values),
      onFatal: () => stop(1),
    });
    service.shutdown.on('telemetry', 'exporter', () => telemetry.shutdown());
    log('lifecycle').info({ url: service.url, admin_url: service.adminUrl }, 'service_started');
  } catch (error) {
    failStart(error);
  }
}

/** The first signal stops in order, the second at once. */
function onSignals(stop: () => void): void {
  let signalled = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (signalled) exit(1);
      signalled = true;
      log('lifecycle').info({ signal }, 'service_stopping');
      stop();
    });
  }
}

function onCrash(handle: (error: unknown) => void): void {
  process.on('uncaughtException', handle);
  process.on('unhandledRejection', handle);
}

function failStart(error: unknown): never {
  log('lifecycle').fatal({ err: error }, 'service_did_not_start');
  return exit(1);
}

function exit(code: number): never {
  flushLogs();
  process.exit(code);
}
