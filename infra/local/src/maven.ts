import { createHash, randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface MavenRequest {
  /** Folder with the part's pom.xml. */
  readonly project: string;
  /** Downloads are kept in this folder, one folder for each content of a pom.xml. */
  readonly cache: string;
  /** Copy the jars with all that they need, only the jars named, or the files inside them. */
  readonly take: 'with-dependencies' | 'named-only' | 'unpacked';
}

/**
 * The folder with the files that a pom.xml names. Fetched once; a second caller at the same time does no harm, because
 * a fetched folder appears under its name in one step.
 */
export async function mavenFiles({ project, cache, take }: MavenRequest): Promise<string> {
  const pom = join(project, 'pom.xml');
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(cache, `${project.split('/').at(-1)}-${version}`);
  if (existsSync(folder)) return folder;
  const fetched = `${folder}.${randomUUID()}`;
  mkdirSync(fetched, { recursive: true });
  const args = ['-q', '-B', '-f', pom, `-DoutputDirectory=${fetched}`, '-DincludeScope=runtime'];
  args.push(`-DexcludeTransitive=${take !== 'with-dependencies'}`, `-DmarkersDirectory=${fetched}/.unpacked`);
  try {
    await run('mvn', [...args, `dependency:${take === 'unpacked' ? 'unpack' : 'copy'}-dependencies`]);
    if (!existsSync(folder)) renameSync(fetched, folder);
  } finally {
    rmSync(fetched, { recursive: true, force: true });
  }
  return folder;
}
