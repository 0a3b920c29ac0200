import { auditHardening, ConfigError, loadConfig } from './load-config.ts';
import type { AnySettings, ConfigOf } from './settings.ts';

/**
 * The configuration of this process, from its environment. Prints every problem and ends the process with code 1 where
 * there is one; with `--check-config` says that it is valid and ends the process with code 0.
 */
export function readConfig<C extends AnySettings>(config: C): ConfigOf<C> {
  const values = loadOrExit(config);
  const { GATEHOUSE_ENV } = values as { GATEHOUSE_ENV?: string };
  if (GATEHOUSE_ENV === 'staging') {
    for (const finding of auditHardening(config, values)) process.stderr.write(`Unsafe in production: ${finding}\n`);
  }
  if (process.argv.includes('--check-config')) {
    process.stdout.write(`The configuration is valid for ${GATEHOUSE_ENV ?? 'every environment'}.\n`);
    process.exit(0);
  }
  return values;
}

function loadOrExit<C extends AnySettings>(config: C): ConfigOf<C> {
  try {
    return loadConfig(config, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
