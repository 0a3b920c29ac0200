import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { kafkaPrincipals, redisKeyPatterns, redisUsers } from './accounts.ts';
import type { KafkaPrincipal, RedisUser } from './accounts.ts';
import { startKafka } from './kafka.ts';
import type { RunningPart } from './part.ts';
import { freePorts } from './ports.ts';
import { asSuperuser, ensureRole, startPostgres } from './postgres.ts';
import { isRunning, thisProcess } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { Processes } from './processes.ts';
import { startRedis } from './redis.ts';
import { newSecret } from './secrets.ts';
import { downloadFolder } from './workspace.ts';

/** Where a test platform's servers are and who may enter; this is also the content of its JSON file. */
export interface TestPlatform {
  readonly postgres: { readonly adminUrl: string; readonly passwords: Readonly<Record<Service, string>> };
  readonly kafka: {
    readonly brokers: string;
    readonly pid: number;
    readonly passwords: Readonly<Record<KafkaPrincipal, string>>;
  };
  readonly redis: Readonly<Record<'cache' | 'state', TestRedis>>;
}

export interface TestRedis {
  readonly host: string;
  readonly port: number;
  readonly passwords: Readonly<Record<RedisUser, string>>;
}

export interface RunningTestPlatform extends TestPlatform {
  /** Kafka's broker, for tests that take it away: it comes back on its port, with what it had on disk. */
  readonly broker: { kill(): Promise<void>; start(): Promise<void> };
  /** JSON file with the same content, for other processes; mode 0600. */
  readonly file: string;
  /** Ends all servers and removes all that they wrote. */
  stop(): Promise<void>;
}

const FOLDER_PREFIX = 'gatehouse-test-';
const OWNER = 'owner.json';

/** How many logical databases each test Redis has; suites take one each. */
export const TEST_REDIS_DATABASES = 4_096;

/**
 * Real PostgreSQL, Kafka and two Redis on free ports, in a folder of their own, for any number of suites. Durability is
 * traded for speed; roles, principals and access rules are those of the local platform.
 */
export async function startTestPlatform(): Promise<RunningTestPlatform> {
  await sweepAbandoned();
  const home = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  writeFileSync(join(home, OWNER), JSON.stringify(thisProcess()));
  chmodSync(home, 0o711); // PostgreSQL's user, which is not root, has to get to its data
  mkdirSync(join(home, 'logs'));
  const processes = new Processes(join(home, 'processes.json'));
  const stop = async () => {
    await processes.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const { broker, ...platform } = await startServers(home, processes);
    const file = join(home, 'platform.json');
    writeFileSync(file, JSON.stringify(platform, null, 2), { mode: 0o600 });
    return { ...platform, broker, file, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServers(
  home: string,
  processes: Processes,
): Promise<TestPlatform & Pick<RunningTestPlatform, 'broker'>> {
  const [postgresPort = 0, kafkaPort = 0, controllerPort = 0, cachePort = 0, statePort = 0] = await freePorts(5);
  const place = (name: string) => ({
    home: join(home, name),
    logFile: join(home, 'logs', `${name}.log`),
    downloads: downloadFolder,
    processes,
    forTests: true,
  });
  const redis = (role: 'cache' | 'state', port: number, users: TestRedis['passwords']) =>
    startRedis({
      ...place(`redis-${role}`),
      role,
      port,
      users,
      keyPatterns: redisKeyPatterns,
      databases: TEST_REDIS_DATABASES,
    });
  const passwords = { cache: secretsFor(redisUsers), state: secretsFor(redisUsers) };
  const [users, databaseUsers] = [secretsFor(kafkaPrincipals), secretsFor(services)];
  const kafkaOptions = { ...place('kafka'), port: kafkaPort, controllerPort, users, heapMb: 512 };
  const [postgres, kafka] = await Promise.all([
    startPostgres({
      ...place('postgres'),
      port: postgresPort,
      password: newSecret(),
      sharedBuffersMb: 128,
      maxConnections: 500,
    }),
    startKafka(kafkaOptions),
    redis('cache', cachePort, passwords.cache),
    redis('state', statePort, passwords.state),
  ]);
  await asSuperuser(postgres.adminUrl, async (admin) => {
    for (const service of services) await ensureRole(admin, databaseName(service), databaseUsers[service]);
  });
  return {
    broker: brokerControl(kafka, () => startKafka(kafkaOptions)),
    postgres: { adminUrl: postgres.adminUrl, passwords: databaseUsers },
    kafka: { brokers: kafka.brokers, pid: kafka.pid, passwords: users },
    redis: {
      cache: { host: '127.0.0.1', port: cachePort, passwords: passwords.cache },
      state: { host: '127.0.0.1', port: statePort, passwords: passwords.state },
    },
  };
}

function brokerControl(first: RunningPart, startAgain: () => Promise<RunningPart>): RunningTestPlatform['broker'] {
  let running = first;
  return {
    kill: async () => {
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
    },
    start: async () => {
      running = await startAgain();
    },
  };
}

/** Ends the servers and removes the folders of test platforms whose starter was killed before it could do so. */
async function sweepAbandoned(): Promise<void> {
  for (const folder of readdirSync(tmpdir()).filter((name) => name.startsWith(FOLDER_PREFIX))) {
    const home = join(tmpdir(), folder);
    if (!existsSync(join(home, OWNER))) continue;
    if (isRunning(JSON.parse(readFileSync(join(home, OWNER), 'utf8')) as ProcessIdentity)) continue;
    await new Processes(join(home, 'processes.json')).recover();
    rmSync(home, { recursive: true, force: true });
  }
}

/** PostgreSQL's name for a service's database and role. */
export function databaseName(service: Service): string {
  return service.replaceAll('-', '_');
}

function secretsFor<N extends string>(names: readonly N[]): Record<N, string> {
  return Object.fromEntries(names.map((name) => [name, newSecret()])) as Record<N, string>;
}
