import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { register, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';

let instrumented = false;

/**
 * Makes pg, ioredis and fetch produce spans. ES modules cannot be changed once they are loaded, so this runs before
 * anything that imports pg or ioredis; it needs no configuration. Background work (relays, polling) has no parent span
 * and produces none.
 */
export function instrumentModules(): void {
  if (instrumented) return;
  instrumented = true;
  if (supportsSyncHooks()) register({ include: ['pg', 'pg-pool', 'ioredis'] });
  registerInstrumentations({
    instrumentations: [
      new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
      // Only the command's name: arguments are keys made of token hashes and account ids.
      new IORedisInstrumentation({ requireParentSpan: true, dbStatementSerializer: (command) => command }),
      new UndiciInstrumentation({ requireParentforSpans: true }),
    ],
  });
}
