import { Accounts1795392100000 } from './accounts.migration.ts';
import { Authorization1795392100002 } from './authorization.migration.ts';
import { Clients1795392100001 } from './clients.migration.ts';
import { Grants1795392100003 } from './grants.migration.ts';
import { Revocations1795392100030 } from './revocations.migration.ts';

/** The token service's own tables, in order. */
export const tokenMigrations = [
  Accounts1795392100000,
  Clients1795392100001,
  Authorization1795392100002,
  Grants1795392100003,
  Revocations1795392100030,
] as const;
