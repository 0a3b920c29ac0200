import type { Endpoint } from '@gatehouse/contracts';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { routePath } from './endpoint.ts';

/** The routes that the application has registered, compared at boot with the endpoints that the catalog declares. */
export class RouteTable {
  readonly #routes: { method: string; url: string; endpoint: Endpoint | undefined; internal: boolean }[] = [];
  #patterns: { readonly method: string; readonly pattern: RegExp }[] | undefined;

  /** Must run before any route is registered. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
      for (const verb of [method].flat()) {
        if (verb === 'HEAD') continue; // the twin that Fastify gives every GET
        this.#routes.push({ method: verb, url, endpoint: config?.endpoint, internal: config?.internal === true });
      }
    });
  }

  /** Every disagreement between the routes and `declared`; empty where each endpoint has exactly one handler. */
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
    return [...undeclared, ...wrong];
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
