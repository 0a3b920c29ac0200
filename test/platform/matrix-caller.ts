import { randomUUID } from 'node:crypto';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { Endpoint, Service } from '@gatehouse/contracts';
import type { Suite } from '@gatehouse/testing';
import { endpointNamed } from './permission-matrix.ts';
import type { MatrixRequest } from './permission-matrix.ts';

/** The values of `$org`, `$role` and so on. */
export type Things = Readonly<Record<string, string>>;

/** Calls the services of a suite as one of its clients, and makes what the matrix calls them on. */
export class MatrixCaller {
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(private readonly suite: Suite) {}

  /** The status of a request of the matrix; `as` null sends no token. */
  async status(id: string, { path, query, json }: MatrixRequest, things: Things, as: string | null): Promise<number> {
    const endpoint = endpointNamed(id);
    const target = targetOf(endpoint, { path, query }, things);
    const response = await this.#send(endpoint.service, endpoint.method, target, fill(json, things), as);
    await response.body?.cancel();
    return response.status;
  }

  /** A new organisation with one of everything, and a client. */
  async things(): Promise<Things> {
    const member = randomUUID();
    const { id: org } = await this.#make('/organizations', { name: 'Matrix' });
    const inOrg = `/organizations/${org}`;
    const { id: role } = await this.#make(`${inOrg}/roles`, { name: 'Held', permissions: ['organization:read'] });
    const { id: freeRole } = await this.#make(`${inOrg}/roles`, { name: 'Free', permissions: [] });
    await this.#make(`${inOrg}/memberships`, { user_id: member });
    const { id: grant } = await this.#make(`${inOrg}/grants`, { subject: { type: 'user', id: member }, role_id: role });
    const client = await this.#makeClient();
    return { $org: org, $role: role, $free_role: freeRole, $member: member, $grant: grant, $client: client };
  }

  /** Gives a client a permission; resolves with what takes it away again. */
  async give(
    client: string,
    permission: string,
    organizationId = PLATFORM_ORGANIZATION_ID,
  ): Promise<() => Promise<void>> {
    const path = `/organizations/${organizationId}/grants`;
    const { id } = await this.#make(path, { subject: { type: 'client', id: client }, permission });
    return async () => {
      await this.#send('authorization', 'DELETE', `/api/v1${path}/${id}`, undefined, 'admin');
    };
  }

  async register(name: string): Promise<void> {
    await this.#make('/permissions', { name, summary: 'For the matrix.' });
  }

  async #make(path: string, json: unknown): Promise<{ id: string }> {
    const response = await this.#send('authorization', 'POST', `/api/v1${path}`, json, 'admin');
    if (response.status !== 201) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { id: string };
  }

  async #makeClient(): Promise<string> {
    const json = { metadata: { grant_types: ['client_credentials'] } };
    const response = await this.#send('token', 'POST', '/api/v1/clients', json, 'admin');
    if (response.status !== 201) throw new Error(`no client: ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { client_id: string }).client_id;
  }

  async #send(service: Service, method: string, path: string, json: unknown, as: string | null): Promise<Response> {
    return fetch(this.suite.url(service) + path, {
      method,
      headers: {
        ...(as !== null && { authorization: `Bearer ${await this.token(as, service)}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
  }

  /** An access token of this client for this service, the same each time. */
  token(client: string, service: Service): Promise<string> {
    const key = `${client} ${service}`;
    const token = this.#tokens.get(key) ?? this.#requestToken(client, service);
    this.#tokens.set(key, token);
    return token;
  }

  async #requestToken(id: string, service: Service): Promise<string> {
    const secret = this.suite.seed.clients.find((client) => client.id === id)?.secret ?? '';
    const response = await fetch(`${this.suite.url('token')}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: this.suite.url(service) }),
    });
    const body = (await response.json()) as { access_token?: string };
    if (!body.access_token) throw new Error(`no token for ${id}: ${JSON.stringify(body)}`);
    return body.access_token;
  }
}

/** Path and query of a request of the matrix, with things in the place of their names. */
export function targetOf(
  endpoint: Endpoint,
  { path, query }: Pick<MatrixRequest, 'path' | 'query'>,
  things: Things,
): string {
  const parameters = fill(path, things) as Record<string, string | number>;
  const target = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? name));
  const search = new URLSearchParams(fill(query, things) as Record<string, string>).toString();
  return `${target}${search && `?${search}`}`;
}

/** Puts things in the place of their names, at any depth. */
export function fill(value: unknown, things: Things): unknown {
  if (typeof value === 'string') return value.replace(/\$\w+/g, (name) => things[name] ?? name);
  if (Array.isArray(value)) return value.map((item) => fill(item, things));
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(item, things)]));
}
