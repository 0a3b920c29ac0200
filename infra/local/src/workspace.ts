import { join } from 'node:path';

/** Root of the workspace; the same from `src` and from `dist`. */
export const workspaceRoot = join(import.meta.dirname, '..', '..', '..');

/** Everything that running Gatehouse here leaves behind: secrets, data, logs, downloads. Ignored by git. */
export const stateFolder = join(workspaceRoot, '.gatehouse');

/** Downloaded jars, shared by the local platform and by tests. */
export const downloadCache = join(stateFolder, 'downloads');
