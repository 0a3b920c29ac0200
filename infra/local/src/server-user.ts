import { spawnSync } from 'node:child_process';

/**
 * PostgreSQL refuses to run as root. For root this is the system's `postgres` user, or else `nobody`, which exists
 * everywhere; for anyone else it is undefined: the server runs as the caller.
 */
export function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim());
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('PostgreSQL cannot run as root, and this system has neither a user "postgres" nor "nobody".');
}
