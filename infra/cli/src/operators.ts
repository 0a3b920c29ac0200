import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import type { ServiceOperator } from '@gatehouse/database';
import { UsageError } from './usage-error.ts';

/** Says who a word of the command line means; throws UsageError with the choices. */
export function serviceNamed(word: string | undefined): Service {
  const service = services.find((name) => name === word);
  if (service) return service;
  const given = word === undefined ? 'No service was named' : `There is no service "${word}"`;
  throw new UsageError(`${given}; services are ${services.join(', ')}.`);
}

/** What the service itself says about its database. An image holds its own service only. */
export async function operatorOf(service: Service): Promise<ServiceOperator> {
  try {
    // The name is put together here, so that the command has no compile-time dependency on any service.
    const module = (await import(`@gatehouse/${service}/operator`)) as { operator: ServiceOperator };
    return module.operator;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error(`The service ${service} is not part of this installation, or not built.`, { cause });
  }
}
