import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the contracts package: two levels above this file, in the sources and in the build. */
export const contractsFolder = join(import.meta.dirname, '../..');

const manifest = JSON.parse(readFileSync(join(contractsFolder, 'package.json'), 'utf8')) as { version: string };

/** The version of the contracts, which every generated document carries. */
export const contractsVersion = manifest.version;
