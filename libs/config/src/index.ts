export { environment } from './environment.ts';
export type { Environment } from './environment.ts';
export { auditHardening, ConfigError, loadConfig } from './load-config.ts';
export type { Variables } from './load-config.ts';
export { readConfig } from './read-config.ts';
export { Secret } from './secret.ts';
export { killPointFromEnvironment, serviceSettings } from './service-settings.ts';
export { defineConfig, describeSettings, setting, settings } from './settings.ts';
export type { AnySettings, ConfigOf, ConfigProblem, RuleInput, SettingDescription, Settings } from './settings.ts';
export {
  baseUrl,
  decimal,
  durationMs,
  flag,
  integer,
  isLoopback,
  issuerUrl,
  listOf,
  network,
  oneOf,
  port,
  secret,
  secretKey,
  secretUrl,
  text,
  url,
} from './types.ts';
