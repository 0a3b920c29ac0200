import { join } from 'node:path';

/** `local`: as in production, but for `demo` and `admin`. `suite`: nothing is limited, unless a test says so. */
export function rateLimitRulesFile(of: 'local' | 'suite'): string {
  return join(import.meta.dirname, '..', 'rate-limits', `${of}.yaml`);
}
