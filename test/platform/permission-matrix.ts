import { readFileSync } from 'node:fs';
import { allPermissions, endpoints } from '@gatehouse/contracts';
import type { Endpoint } from '@gatehouse/contracts';
import { parse } from 'yaml';
import { z } from 'zod';

const request = z.strictObject({
  path: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  query: z.record(z.string(), z.string()).default({}),
  json: z.unknown().optional(),
  answers: z.int(),
});
const row = z.strictObject({
  counts_in: z.enum(['organization', 'platform']),
  stranger: z.union([z.literal(403), z.literal(404)]),
  endpoints: z.record(z.string(), request),
});
const matrix = z.strictObject({
  permissions: z.record(z.string(), row),
  authenticated: z.record(z.string(), request),
});

export type MatrixRequest = z.output<typeof request>;
export type MatrixRow = z.output<typeof row>;
export type Matrix = z.output<typeof matrix>;

/** The committed matrix. Throws where it is not well-formed. */
export function readMatrix(): Matrix {
  return matrix.parse(parse(readFileSync(new URL('../permission-matrix.yaml', import.meta.url), 'utf8')));
}

/** What the matrix leaves out or invents, compared with the declarations; each difference says which step was forgotten. */
export function differences({ permissions, authenticated }: Matrix): string[] {
  const written = new Set(
    Object.entries(permissions).flatMap(([name, { endpoints: own }]) =>
      Object.keys(own).map((id) => `${id} for ${name}`),
    ),
  );
  const declared = new Set(
    endpoints.flatMap(({ id, access }) => permissionsOf(access).map((name) => `${id} for ${name}`)),
  );
  const tokenOnly = endpoints.filter(({ access }) => access === 'authenticated').map(({ id }) => id);
  return [
    ...missing(
      allPermissions.map(({ name }) => name),
      Object.keys(permissions),
      'has no row in permission-matrix.yaml',
    ),
    ...missing(
      Object.keys(permissions),
      allPermissions.map(({ name }) => name),
      'is not declared in permissions.ts',
    ),
    ...missing([...declared], [...written], 'is declared, but not in permission-matrix.yaml'),
    ...missing([...written], [...declared], 'is in permission-matrix.yaml, but not declared'),
    ...missing(tokenOnly, Object.keys(authenticated), 'needs a token, but is not in permission-matrix.yaml'),
    ...missing(Object.keys(authenticated), tokenOnly, 'is under `authenticated`, but not declared so'),
  ];
}

export function endpointNamed(id: string): Endpoint {
  const endpoint = endpoints.find((candidate) => candidate.id === id);
  if (!endpoint) throw new Error(`There is no endpoint ${id}`);
  return endpoint;
}

function permissionsOf(access: Endpoint['access']): string[] {
  if (typeof access !== 'object') return [];
  return [access.permission, access.platformPermission].flatMap((permission) => permission?.name ?? []);
}

function missing(wanted: readonly string[], present: readonly string[], complaint: string): string[] {
  return wanted.filter((one) => !present.includes(one)).map((one) => `${one} ${complaint}`);
}
