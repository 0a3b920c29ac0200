import type { Endpoint, RequiredPermission } from '@gatehouse/contracts';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { requiredPermission } from './access.ts';
import { routePath } from './endpoint.ts';

interface Route {
  readonly method: string;
  readonly url: string;
  readonly endpoint: Endpoint | undefined;
  readonly required: RequiredPermission | undefined;
  readonly internal: boolean;
}

/** The routes that the application has registered, compared at boot with the endpoints that the catalog declares. */
export class RouteTable {
  readonly #routes: Route[] = [];
  #patterns: { readonly method: string; readonly pattern: RegExp }[] | undefined;

  /** Must run before any route is registered. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
      const { endpoint, required, internal = false } = config ?? {};
      for (const verb of [method].flat()) {
        if (verb === 'HEAD') continue; // the twin that Fastify gives every GET
        this.#routes.push({ method: verb, url, endpoint, required, internal });
      }
    });
  }

  /**
   * Every disagreement between the routes and `declared`; empty where each endpoint has exactly one handler, and no handler
   * requires something else than its endpoint asks for.
   */
  compareWith(declared: readonly Endpoint[]): string[] {
    const undeclared = this.#routes
      .filter((route) => !route.internal && !(route.endpoint && declared.includes(route.endpoint)))
      .map((route) => `${route.method} ${route.url} is not declared in the catalog`);
    const wrong = declared.flatMap((endpoint) => {
      const handlers = this.#routes.filter((route) => route.endpoint === endpoint);
      const misplaced = handlers.some((r) => r.method !== endpoint.method || r.url !== routePath(endpoint.path));
      if (handlers.length === 1 && !misplaced) return [];
      return [
        `${endpoint.id} (${endpoint.method} ${endpoint.path}) has ${misplaced ? 'another route' : `${handlers.length} handlers`}`,
      ];
    });
    return [...undeclared, ...wrong, ...this.#routes.flatMap(contradiction)];
  }

  /** The methods that a path has, for `Allow` (RFC 9110 15.5.6). */
  methodsOf(url: string): string[] {
    this.#patterns ??= this.#routes.map((route) => ({
      method: route.method,
      pattern: new RegExp(`^${route.url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`),
    }));
    const path = url.split('?', 1)[0] ?? '';
    return this.#patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  }
}

/** A handler repeats the permission for its readers; in which organisation it is asked, the declaration alone says. */
function contradiction({ endpoint, required }: Route): string[] {
  if (!endpoint || !required) return [];
  const { permission } = requiredPermission(endpoint) ?? {};
  if (required.permission.name !== permission?.name)
    return [
      `${endpoint.id} asks for ${permission?.name ?? 'no permission'}, its handler for ${required.permission.name}`,
    ];
  return required.organization === undefined
    ? []
    : [`${endpoint.id} has a handler that names the organisation's field`];
}
