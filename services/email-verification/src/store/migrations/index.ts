import { Verifications1795392400000 } from './verifications.migration.ts';

/** In the order in which they run. */
export const migrations = [Verifications1795392400000] as const;
