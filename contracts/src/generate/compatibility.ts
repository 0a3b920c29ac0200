import { eventBreaks, type AsyncApiDocument } from './event-compatibility.ts';
import { endpointBreaks, type OpenApiDocument } from './endpoint-compatibility.ts';

/** Parsed documents of one set of contracts, keyed by service. */
export interface Contracts {
  readonly asyncapi: Readonly<Record<string, AsyncApiDocument>>;
  readonly openapi: Readonly<Record<string, OpenApiDocument>>;
}

/** One change that a party which follows the released contracts does not survive. */
export interface ContractBreak {
  readonly service: string;
  /** The event, topic or endpoint. */
  readonly contract: string;
  readonly what: string;
  /** Who fails: services, or callers of an endpoint. */
  readonly breaks: readonly string[];
}

/** Every break between the contracts that were released last and those of this build; empty when compatible. */
export function contractBreaks(released: Contracts, current: Contracts): ContractBreak[] {
  const ofEvents = Object.keys(released.asyncapi).flatMap((service) => eventBreaks(service, released, current));
  const ofEndpoints = Object.keys(released.openapi).flatMap((service) => endpointBreaks(service, released, current));
  return [...ofEvents, ...ofEndpoints];
}

/** `token: event account.registered.v1: /account_id was removed; breaks audit-log`. */
export function describeBreak({ service, contract, what, breaks }: ContractBreak): string {
  return `${service}: ${contract}: ${what}; breaks ${breaks.join(', ')}`;
}
