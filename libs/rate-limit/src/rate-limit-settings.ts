import { join } from 'node:path';
import { setting, settings, text, type ConfigOf } from '@gatehouse/config';

/** The rules that apply where no other file is named: beside the code, in the source tree as in the build. */
export const defaultRulesFile = join(import.meta.dirname, '..', 'default-rules.yaml');

export const rateLimitSettings = settings({
  RATE_LIMIT_RULES_FILE: setting(text().default(defaultRulesFile), {
    example: '/etc/gatehouse/rate-limits.yaml',
    description: 'YAML file with the rate limits, read again when it changes; the default is in libs/rate-limit.',
  }),
});
export type RateLimitSettings = ConfigOf<typeof rateLimitSettings>;
