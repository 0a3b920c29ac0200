import { join } from 'node:path';

/** Root of the workspace; the same from `src` and from `dist`. */
export const workspaceRoot = join(import.meta.dirname, '..', '..', '..');

/** Everything that running Gatehouse here leaves behind: secrets, data, logs, downloads. Ignored by git. */
export const stateFolder = process.env.GATEHOUSE_HOME ?? join(workspaceRoot, '.gatehouse');

/** Downloaded jars, shared by all platforms of this workspace. */
export const downloadFolder = join(workspaceRoot, '.gatehouse', 'downloads');
