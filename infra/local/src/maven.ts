import { createHash, randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface MavenRequest {
  /** Folder with the part's pom.xml. */
  readonly project: string;
  /** Downloads are kept in this folder, one folder for each content of a pom.xml. */
  readonly downloads: string;
  /** The jars, or the files inside them. */
  readonly take: 'jars' | 'contents';
  /** Called before a download, because it takes a while. */
  readonly announce?: ((what: string) => void) | undefined;
}

/**
 * The folder with the files that a pom.xml names. Fetched once; a second caller at the same time does no harm, because
 * a fetched folder appears under its name in one step.
 */
export async function mavenFiles({ project, downloads, take, announce }: MavenRequest): Promise<string> {
  const pom = join(project, 'pom.xml');
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(downloads, `${basename(project)}-${version}`);
  if (existsSync(folder)) return folder;
  const fetched = `${folder}.${randomUUID()}`;
  mkdirSync(fetched, { recursive: true });
  const goal = take === 'jars' ? 'copy-dependencies' : 'unpack-dependencies';
  // Maven would remember an earlier unpacking in the project's folder and skip it.
  const options = [`-DoutputDirectory=${fetched}`, `-DmarkersDirectory=${fetched}/.unpacked`, '-DincludeScope=runtime'];
  announce?.(`fetching ${basename(project)} with Maven, once`);
  try {
    await run('mvn', ['-q', '-B', '-f', pom, `dependency:${goal}`, ...options]);
    if (!existsSync(folder)) renameSync(fetched, folder);
  } finally {
    rmSync(fetched, { recursive: true, force: true });
  }
  return folder;
}
