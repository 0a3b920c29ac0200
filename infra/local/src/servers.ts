import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { kafkaPrincipals, redisKeyPatterns, redisUsers } from './accounts.ts';
import { startKafka } from './kafka.ts';
import { startMail } from './mail.ts';
import type { Place } from './part.ts';
import { asSuperuser, ensureDatabase, ensureRole, postgresHome, startPostgres } from './postgres.ts';
import type { Processes } from './processes.ts';
import type { Progress } from './progress.ts';
import { startRedis } from './redis.ts';
import type { SecretFile } from './secrets.ts';
import type { RedisDatabase } from './service-environment.ts';
import type { LocalSettings, Login } from './settings.ts';
import { databaseName } from './test-platform.ts';
import { startTraces } from './traces.ts';
import { downloadFolder } from './workspace.ts';

/** Where the servers are, embedded or not, and who may enter. */
export interface Servers {
  readonly databaseUrl: (service: Service) => string;
  readonly kafka: {
    readonly brokers: string;
    readonly login: (service: Service) => Login;
    readonly admin: Login;
    /** Reads every topic and writes none. */
    readonly observer: Login;
  };
  readonly cache: RedisDatabase;
  readonly state: RedisDatabase;
  /** For people and tools: everything of the cache and of the state. */
  readonly adminUrls: { readonly cache: string; readonly state: string };
  readonly smtpUrl: string;
  /** The page with the mails, or null where an existing mail server is used. */
  readonly mailUrl: string | null;
  readonly traces: Readonly<Record<`OTEL_${string}`, string>>;
  readonly tracesUrl: string | null;
}

export interface ServersInput {
  readonly home: string;
  readonly settings: LocalSettings;
  readonly secrets: SecretFile;
  readonly processes: Processes;
  readonly progress: Progress;
}

/** Starts every server that is not replaced by an existing one; resolves when all that services need are ready. */
export async function startServers(input: ServersInput): Promise<Servers> {
  const [databaseUrl, kafka, cache, state, mail] = await Promise.all([
    databases(input),
    kafkaServer(input),
    redisServer(input, 'cache'),
    redisServer(input, 'state'),
    mailServer(input),
  ]);
  const adminUrls = { cache: cache.adminUrl, state: state.adminUrl };
  return { databaseUrl, kafka, cache, state, adminUrls, ...mail, ...traceViewer(input) };
}

/** Where PostgreSQL lives when its user cannot get to the workspace; one folder for each workspace. */
export function elsewhereOf(home: string): string {
  return join('/var/lib/gatehouse', createHash('sha256').update(home).digest('hex').slice(0, 12));
}

function placeOf({ home, processes }: ServersInput, name: string, announce?: Place['announce']): Place {
  return {
    home: join(home, 'data', name),
    logFile: join(home, 'logs', `${name}.log`),
    downloads: downloadFolder,
    processes,
    ...(announce && { announce }),
  };
}

async function databases(input: ServersInput): Promise<Servers['databaseUrl']> {
  const { settings, secrets, progress } = input;
  const { databaseUrls } = settings.existing;
  const embedded = services.filter((service) => !databaseUrls[service]);
  for (const service of services)
    if (databaseUrls[service]) progress.existing('PostgreSQL', `${service}: ${withoutPassword(databaseUrls[service])}`);
  const port = settings.embedded.postgres;
  const passwordOf = (service: Service) => secrets.get(`${service}-database`);
  if (embedded.length > 0)
    await progress.part('PostgreSQL', () => ownDatabases(input, embedded, passwordOf), () => `127.0.0.1:${port}`); // prettier-ignore
  return (service) =>
    databaseUrls[service] ??
    `postgres://${databaseName(service)}:${passwordOf(service)}@127.0.0.1:${port}/${databaseName(service)}`;
}

async function ownDatabases(input: ServersInput, owners: readonly Service[], passwordOf: (service: Service) => string) {
  const place = placeOf(input, 'postgres');
  const { adminUrl } = await startPostgres({
    ...place,
    home: postgresHome(place.home, elsewhereOf(input.home)),
    port: input.settings.embedded.postgres,
    password: input.secrets.get('postgres-superuser'),
    sharedBuffersMb: 64,
    maxConnections: 200,
  });
  await asSuperuser(adminUrl, async (admin) => {
    for (const service of owners) {
      await ensureRole(admin, databaseName(service), passwordOf(service));
      await ensureDatabase(admin, databaseName(service), databaseName(service));
    }
  });
}

async function kafkaServer(input: ServersInput): Promise<Servers['kafka']> {
  const { settings, secrets, progress } = input;
  const { kafka } = settings.existing;
  if (kafka) {
    progress.existing('Kafka', kafka.brokers);
    return { brokers: kafka.brokers, login: () => kafka.login, admin: kafka.adminLogin, observer: kafka.login };
  }
  const loginOf = (username: string) => ({ username, password: secrets.get(`${username}-kafka`) });
  const users = Object.fromEntries(kafkaPrincipals.map((name) => [name, loginOf(name).password]));
  const { brokers } = await progress.part(
    'Kafka',
    (announce) =>
      startKafka({
        ...placeOf(input, 'kafka', announce),
        port: settings.embedded.kafka,
        controllerPort: settings.embedded.kafkaController,
        users: { ...users, admin: loginOf('admin').password },
        heapMb: 384,
      }),
    (running) => running.brokers,
  );
  return { brokers, login: loginOf, admin: loginOf('admin'), observer: loginOf('observer') };
}

async function redisServer(
  input: ServersInput,
  role: 'cache' | 'state',
): Promise<RedisDatabase & { adminUrl: string }> {
  const { settings, secrets, progress } = input;
  const name = `Redis (${role})`;
  const existing = existingRedis(settings, role);
  if (existing) {
    progress.existing(name, `${existing.host}:${existing.port}/${existing.database}`);
    return existing;
  }
  const port = settings.embedded[role];
  const passwordOf = (user: string) => secrets.get(`${user}-redis-${role}`);
  await progress.part(
    name,
    (announce) =>
      startRedis({
        ...placeOf(input, `redis-${role}`, announce),
        role,
        port,
        databases: 16,
        users: {
          ...Object.fromEntries(redisUsers.map((user) => [user, passwordOf(user)])),
          admin: passwordOf('admin'),
        },
        keyPatterns: redisKeyPatterns,
      }),
    () => `127.0.0.1:${port}`,
  );
  const login = (service: Service) => ({ username: service, password: passwordOf(service) });
  const adminUrl = `redis://admin:${passwordOf('admin')}@127.0.0.1:${port}/0`;
  return { host: '127.0.0.1', port, database: 0, login, adminUrl };
}

function existingRedis({ existing }: LocalSettings, role: 'cache' | 'state') {
  const url = role === 'cache' ? existing.cacheUrl : existing.stateUrl;
  if (!url) return undefined;
  const { hostname: host, port, username, password, pathname } = new URL(url);
  const login = password ? { username: username || 'default', password: decodeURIComponent(password) } : null;
  return {
    host,
    port: Number(port || 6_379),
    database: Number(pathname.slice(1) || 0),
    login: () => login,
    adminUrl: url,
  };
}

async function mailServer(input: ServersInput): Promise<Pick<Servers, 'smtpUrl' | 'mailUrl'>> {
  const { settings, progress } = input;
  if (settings.existing.smtpUrl) {
    progress.existing('mail', withoutPassword(settings.existing.smtpUrl));
    return { smtpUrl: settings.existing.smtpUrl, mailUrl: null };
  }
  const { smtp: smtpPort, mailPage: pagePort } = settings.embedded;
  const mailUrl = `http://127.0.0.1:${pagePort}`;
  await progress.part('mail', () => startMail({ ...placeOf(input, 'mail'), smtpPort, pagePort }), () => mailUrl); // prettier-ignore
  return { smtpUrl: `smtp://127.0.0.1:${smtpPort}`, mailUrl };
}

/** Starts the trace viewer beside everything else: it never holds the platform up, and its failure is only told. */
function traceViewer(input: ServersInput): Pick<Servers, 'traces' | 'tracesUrl'> {
  const { settings, progress } = input;
  if (settings.existing.traces) return { traces: settings.existing.traces, tracesUrl: null };
  const port = settings.embedded.traces;
  const tracesUrl = `http://127.0.0.1:${port}`;
  progress
    .part(
      'traces',
      (announce) => startTraces({ ...placeOf(input, 'traces', announce), port }),
      () => tracesUrl,
    ) // prettier-ignore
    .catch((error: Error) => progress.line('✗', 'traces', error.message));
  const traces = { OTEL_TRACES_EXPORTER: 'zipkin', OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${tracesUrl}/api/v2/spans` };
  return { traces, tracesUrl };
}

function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  return parsed.href;
}
