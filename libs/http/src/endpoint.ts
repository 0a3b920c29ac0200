import { applyDecorators, createParamDecorator, HttpCode, RequestMapping, RequestMethod } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { Endpoint as EndpointDeclaration, OutputOf, RequiredPermission } from '@gatehouse/contracts';
import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import type { SignedAnswer } from './signed-answer.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The declaration that this route serves. */
    endpoint?: EndpointDeclaration;
    /** What the handler itself says that it requires, by `@RequirePermission`. */
    required?: RequiredPermission;
    /** A page about the API itself, outside the catalog. */
    internal?: true;
  }
}

const INPUT = Symbol('parsed input');
type RequestWithInput = FastifyRequest & { [INPUT]?: unknown };

/**
 * Anything a handler of `E` may be: more than it declares does not compile, less does not either. Whether it may answer by a
 * JWT is found out when it does.
 */
type HandlerOf<E extends EndpointDeclaration> = (
  ...args: never[]
) => OutputOf<E> | SignedAnswer | Promise<OutputOf<E> | SignedAnswer>;

/**
 * Makes a controller's method the handler of `endpoint`: its route, status, access, validation, response filter and
 * documentation all come from the declaration.
 *
 * @example
 * @Endpoint(revokeToken)
 * handle(@Input() { form }: InputOf<typeof revokeToken>) {...}
 */
export function Endpoint<E extends EndpointDeclaration>(endpoint: E) {
  const decorate = applyDecorators(
    RequestMapping({ path: routePath(endpoint.path), method: RequestMethod[endpoint.method] }),
    RouteKnows({ endpoint }),
    HttpCode(endpoint.success.status),
  );
  return <H extends HandlerOf<E>>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<H>): void =>
    decorate(target, key, descriptor);
}

/** Adds to the route of a controller's method, in whatever order decorators stand. */
export function RouteKnows(added: FastifyContextConfig): MethodDecorator {
  return (target, key, descriptor) => {
    const handler = descriptor.value as object; // -- a method
    const known = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as FastifyContextConfig | undefined;
    RouteConfig({ ...known, ...added })(target, key, descriptor);
  };
}

/** The parsed request of the endpoint being handled, of type `InputOf<typeof endpoint>`. */
export const Input = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<RequestWithInput>()[INPUT],
);

/** Of an endpoint that answers parameters which are given more than once: their names. */
export interface InputWithRepeated {
  readonly repeated?: readonly string[];
}

/** The names of the parameters that the request gives more than once, where the endpoint `answersRepeated`. */
export const RepeatedParameters = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const input = context.switchToHttp().getRequest<RequestWithInput>()[INPUT] as InputWithRepeated; // -- set by the guard
  return input.repeated ?? [];
});

/** Hands the parsed input on to `@Input()`. */
export function setInput(request: FastifyRequest, input: unknown): void {
  (request as RequestWithInput)[INPUT] = input;
}

/** The endpoint that a request matched; undefined for an unknown path and for pages about the API itself. */
export function endpointOf(request: FastifyRequest): EndpointDeclaration | undefined {
  return request.routeOptions.config?.endpoint;
}

/** `/a/{id}` as the router writes it: `/a/:id`. */
export function routePath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}
