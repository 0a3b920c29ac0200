import type { AnySettings, ConfigOf, serviceSettings } from '@gatehouse/config';
import type { Endpoint, Service } from '@gatehouse/contracts';
import type { DynamicModule, LoggerService, Type } from '@nestjs/common';

/** The settings that every service has. */
export type ServiceConfig = ConfigOf<ReturnType<typeof serviceSettings>>;

interface ServiceParts {
  readonly service: Service;
  /** Nest transports that the service listens on beside HTTP, as injectable classes (`KafkaEventStrategy`). */
  readonly transports?: readonly Type[];
  /** The generated OpenAPI document, shown at `/docs` and `/openapi.json`; loaded at the first request for it. */
  readonly openApi?: () => Promise<unknown>;
  /** Instead of the catalog's endpoints of `service`; for tests of libraries. */
  readonly endpoints?: readonly Endpoint[];
}

/** A service as its `service.ts` exports it. */
export interface ServiceDefinition<C extends AnySettings = AnySettings> extends ServiceParts {
  readonly config: C;
  /** The composition root. */
  readonly module: (config: ConfigOf<C>) => Type | DynamicModule;
}

/** A service with its configuration read. */
export interface ServiceOptions extends ServiceParts {
  readonly config: ServiceConfig;
  readonly module: Type | DynamicModule;
  readonly logger?: LoggerService;
  /** Called when a part says that the process cannot go on; must stop it. */
  readonly onFatal?: (reason: string, error: unknown) => void;
}

/** Declares a service; the value is what `runService` runs and what tests start. */
export function defineService<C extends AnySettings>(definition: ServiceDefinition<C>): ServiceDefinition<C> {
  return definition;
}
