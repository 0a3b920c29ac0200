import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { mavenFiles } from './maven.ts';
import type { Place, RunningPart } from './part.ts';
import { untilReady } from './readiness.ts';

const project = join(import.meta.dirname, '..', 'redis');

export interface RedisOptions extends Place {
  /** `cache` may evict (allkeys-lru, 256 MB); `state` never does (noeviction, append-only file). */
  readonly role: 'cache' | 'state';
  readonly port: number;
  readonly databases: number;
  /** Users with their passwords; `admin` may do everything, any other touches only the keys of `keyPatterns`. */
  readonly users: Readonly<Record<string, string>> & { readonly admin: string };
  readonly keyPatterns: Readonly<Record<string, readonly string[]>>;
}

/** One Redis on 127.0.0.1 with a user for each service. Resolves when it answers. */
export async function startRedis(options: RedisOptions): Promise<RunningPart> {
  const { role, home, port, logFile } = options;
  const command = await redisServer(options);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const [configFile, aclFile] = [join(home, 'redis.conf'), join(home, 'users.acl')];
  writeFileSync(aclFile, userList(options), { mode: 0o600 });
  const eviction =
    role === 'cache' ? 'maxmemory 256mb\nmaxmemory-policy allkeys-lru\n' : 'maxmemory-policy noeviction\n';
  const common = `bind 127.0.0.1\nport ${port}\ndir "${home}"\naclfile "${aclFile}"\nappendonly yes\nsave ""\ndatabases ${options.databases}\n`;
  writeFileSync(configFile, common + eviction, { mode: 0o600 });
  const server = options.processes.start({ name: `redis-${role}`, command, args: [configFile], logFile });
  await untilReady(server, { logFile, attempt: () => ping(port, options.users.admin) });
  return server;
}

/** Administrative commands are refused to services, except the ones with which a client checks its server. */
function userList({ users, keyPatterns }: RedisOptions): string {
  const lines = Object.entries(users).map(([name, password]) => {
    const rights =
      name === 'admin'
        ? '~* &* +@all'
        : `resetchannels ${(keyPatterns[name] ?? []).map((pattern) => `~${pattern} &${pattern}`).join(' ')} +@all -@admin -@dangerous +info +config|get`;
    return `user ${name} on >${password} ${rights}`;
  });
  return ['user default off', ...lines, ''].join('\n');
}

/** A connection of the `admin` user; it fails at once where the server cannot be reached. */
export async function connectRedis(port: number, password: string, database = 0): Promise<Redis> {
  const settings = { host: '127.0.0.1', port, username: 'admin', password, db: database, lazyConnect: true };
  const client = new Redis({ ...settings, retryStrategy: () => null });
  client.on('error', () => undefined); // the rejected command says the same
  await client.connect();
  return client;
}

async function ping(port: number, password: string): Promise<void> {
  const client = await connectRedis(port, password);
  await client.ping().finally(() => client.disconnect());
}

/** The system's Redis or Valkey from 6.2 on, else the binary that a jar carries. */
async function redisServer(place: Place): Promise<string> {
  for (const command of ['redis-server', 'valkey-server']) {
    const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    const [, major, minor] = /v=(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
    if (Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2)) return command;
  }
  const folder = await mavenFiles({ ...place, project, take: 'contents' });
  const suffix = `-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const binary = readdirSync(folder).find((file) => file.startsWith('redis-server-') && file.endsWith(suffix));
  if (!binary) throw new Error(`No Redis for ${process.platform} ${process.arch}: install redis-server 6.2 or newer.`);
  chmodSync(join(folder, binary), 0o755);
  return join(folder, binary);
}
