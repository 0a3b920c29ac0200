import { z } from 'zod';

/** Where a process runs. `production` refuses what the hardening audit finds; `staging` warns about it. */
export const environment = z.enum(['development', 'testing', 'staging', 'production'], {
  error: 'must be development, testing, staging or production',
});
export type Environment = z.output<typeof environment>;
