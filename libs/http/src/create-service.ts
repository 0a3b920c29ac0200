import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadConfig, type AnySettings, type Variables } from '@gatehouse/config';
import { endpoints as catalog } from '@gatehouse/contracts';
import { Health, Shutdown, withDeadline } from '@gatehouse/lifecycle';
import { log, nestLogger, startTelemetry, type TelemetrySettings } from '@gatehouse/telemetry';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { AccessPolicy, RefuseAll } from './access.ts';
import { AdminServer } from './admin-server.ts';
import { serveApiPage } from './api-page.ts';
import { authenticateFirst, EndpointGuard } from './endpoint-guard.ts';
import { LifecycleModule } from './lifecycle.module.ts';
import { ProblemFilter } from './problem-filter.ts';
import { RefusalCounter } from './refusal-counter.ts';
import { RefusalLog } from './refusal-log.ts';
import { RequestLimits } from './request-limits.ts';
import { RouteTable } from './route-table.ts';
import { createServer } from './server.ts';
import { SharedAnswers } from './shared-answers.ts';
import type { ServiceConfig, ServiceDefinition, ServiceOptions } from './service-options.ts';
import { TlsListener } from './tls-listener.ts';

export interface RunningService {
  readonly app: NestFastifyApplication;
  /** Base URL of the API as it can be reached from this machine. */
  readonly url: string;
  /** The same over TLS; null without `TLS_PORT`. */
  readonly tlsUrl: string | null;
  readonly adminUrl: string;
  readonly health: Health;
  readonly shutdown: Shutdown;
  /** Stops in order, inside the budget; whoever calls, it happens once. */
  close(): Promise<void>;
}

/**
 * Builds, checks and starts a service: admin server first, then the application, its transports, and the API last.
 * Rejects, with everything closed again, where an endpoint has no handler or a route is not declared.
 */
export async function createService(options: ServiceOptions): Promise<RunningService> {
  const { config } = options;
  const health = new Health();
  const shutdown = new Shutdown({
    stepFailed: (stage, name, error) =>
      log('lifecycle').error({ err: error, stage, step: name }, 'shutdown_step_failed'),
    fatal: (reason, error) => {
      log('lifecycle').fatal({ err: error, reason }, 'service_failed');
      options.onFatal?.(reason, error);
    },
  });
  health.add(shutdown);
  const admin = new AdminServer(health);
  await admin.listen(config.ADMIN_PORT, config.HOST);
  let app: NestFastifyApplication | undefined;
  let tls: TlsListener | null = null;
  try {
    const adapter = await createServer(config);
    tls = TlsListener.of(config, adapter.getInstance<FastifyInstance>());
    app = await buildApplication(adapter, options, health, shutdown);
    shutdown.on('http', 'tls server', () => (tls ? drain(tls.server, config.SHUTDOWN_DELAY_MS) : Promise.resolve()));
    await app.startAllMicroservices();
    await app.listen(config.PORT, config.HOST);
    await tls?.listen();
    admin.markStarted();
  } catch (error) {
    await shutdown.run(config.SHUTDOWN_BUDGET_MS);
    await app?.close();
    await admin.close();
    throw error;
  }
  return running(app, { admin, tls }, { config, health, shutdown });
}

/** Reads `definition`'s configuration from `variables` and starts it; what tests of a service call. */
export async function startService<C extends AnySettings>(
  definition: ServiceDefinition<C>,
  variables: Variables,
): Promise<RunningService> {
  const values = loadConfig(definition.config, variables);
  const config = values as unknown as ServiceConfig & TelemetrySettings; // -- every service's config has both fragments
  startTelemetry({ service: definition.service, settings: config });
  return createService({ ...definition, config, module: definition.module(values) });
}

async function buildApplication(
  adapter: FastifyAdapter,
  options: ServiceOptions,
  health: Health,
  shutdown: Shutdown,
): Promise<NestFastifyApplication> {
  const fastify = adapter.getInstance<FastifyInstance>();
  const routes = new RouteTable();
  routes.watch(fastify);
  const root = { module: class Service {}, imports: [LifecycleModule.register(health, shutdown), options.module] };
  const app = await NestFactory.create<NestFastifyApplication>(root as DynamicModule, adapter, {
    logger: options.logger ?? nestLogger,
    bodyParser: false,
    abortOnError: false,
  });
  const policy = provided(app, AccessPolicy) ?? new RefuseAll();
  const refusals = provided(app, RefusalLog);
  const counter = new RefusalCounter(refusals);
  authenticateFirst(fastify, policy, provided(app, RequestLimits));
  closeConnectionsOnShutdown(fastify, shutdown);
  new SharedAnswers(() => shutdown.stopping).install(fastify);
  app.useGlobalGuards(new EndpointGuard(policy));
  app.useGlobalFilters(new ProblemFilter(refusals, counter, routes));
  if (options.openApi) serveApiPage(fastify, options.openApi);
  for (const transport of options.transports ?? []) {
    app.connectMicroservice({ strategy: app.get<object>(transport, { strict: false }) });
  }
  shutdown.on('http', 'server', () => drain(fastify.server, options.config.SHUTDOWN_DELAY_MS));
  shutdown.on('consumers', 'refusal counts', () => counter.close());
  await app.init();
  assertDeclared(routes, options);
  return app;
}

/** What a module of the service, at any depth, provides under the abstract class `token`; two such are an error. */
function provided<T>(app: INestApplicationContext, token: abstract new () => T): T | undefined {
  const modules = [...app.get(ModulesContainer).values()];
  const wrappers = modules.flatMap((module) => module.providers.get(token as unknown as Type<T>) ?? []); // -- an abstract class is a token like any other
  if (wrappers.length > 1) throw new Error(`There are ${wrappers.length} providers of ${token.name}`);
  return wrappers[0]?.instance as T | undefined; // -- the provider was declared under this token
}

function assertDeclared(routes: RouteTable, { service, endpoints }: ServiceOptions): void {
  const declared = endpoints ?? catalog.filter((endpoint) => endpoint.service === service);
  const differences = routes.compareWith(declared);
  if (differences.length > 0) throw new Error(`Routes and catalog differ:\n  ${differences.join('\n  ')}`);
}

/** A connection that stays open would bring the next request to a server that is leaving. */
function closeConnectionsOnShutdown(fastify: FastifyInstance, shutdown: Shutdown): void {
  fastify.addHook('onRequest', (_request, reply, done) => {
    if (shutdown.stopping) void reply.header('connection', 'close');
    done();
  });
}

const IDLE_CHECK_MS = 20;

/** Goes on answering for `delayMs`, so that balancers can notice; then takes no connection and waits for the last answer. */
async function drain(server: Server, delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  await closed.finally(() => clearInterval(idle));
}

function running(
  app: NestFastifyApplication,
  { admin, tls }: { admin: AdminServer; tls: TlsListener | null },
  { config, health, shutdown }: { config: ServiceConfig; health: Health; shutdown: Shutdown },
): RunningService {
  let closing: Promise<void> | undefined;
  const close = async () => {
    const end = performance.now() + config.SHUTDOWN_BUDGET_MS;
    await shutdown.run(config.SHUTDOWN_BUDGET_MS);
    // Whoever is still waiting has had the whole budget, and what would answer them is closed.
    app.getHttpServer().closeAllConnections();
    tls?.server.closeAllConnections();
    const remainingMs = Math.max(end - performance.now(), LAST_STEP_MS);
    await withDeadline(app.close(), remainingMs, 'The application did not close in time').catch((error: unknown) =>
      log('lifecycle').error({ err: error }, 'shutdown_step_failed'),
    );
    await admin.close();
  };
  return {
    app,
    health,
    shutdown,
    url: urlOf(app.getHttpServer().address() as AddressInfo), // -- it listens on TCP
    tlsUrl: tls ? urlOf(tls.address, 'https') : null,
    adminUrl: urlOf(admin.address),
    close: () => (closing ??= close()),
  };
}

const LAST_STEP_MS = 500;

function urlOf({ address, port }: AddressInfo, scheme = 'http'): string {
  const everywhere = address === '0.0.0.0' || address === '::';
  const host = everywhere ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  return `${scheme}://${host}:${port}`;
}
