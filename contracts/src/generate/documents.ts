import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { services } from '../define-topic.ts';
import { asyncApiOf } from './asyncapi.ts';
import type { Contracts } from './compatibility.ts';
import { openApiOf } from './openapi.ts';
import { contractsFolder } from './version.ts';

/** Every generated file: path below `generated` or `released`, and its exact text. */
export function generateDocuments(): ReadonlyMap<string, string> {
  const textOf = (document: object) => `${JSON.stringify(document, null, 2)}\n`;
  return new Map(
    services.flatMap((service) => [
      [`asyncapi/${service}.json`, textOf(asyncApiOf(service))],
      [`openapi/${service}.json`, textOf(openApiOf(service))],
    ]),
  );
}

/** Reads the same files as they are committed; a missing one is left out. */
export async function readDocuments(folder: 'generated' | 'released'): Promise<ReadonlyMap<string, string>> {
  const names = services.flatMap((service) => [`asyncapi/${service}.json`, `openapi/${service}.json`]);
  const found = await Promise.all(names.map(async (name) => [name, await textOrNothing(folder, name)] as const));
  return new Map(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function textOrNothing(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(contractsFolder, folder, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Parses the files for the compatibility check. */
export function parseDocuments(documents: ReadonlyMap<string, string>): Contracts {
  const parsed = { asyncapi: {}, openapi: {} } as Record<string, Record<string, unknown>>;
  for (const [name, text] of documents) {
    const [kind, file] = name.split('/') as [string, string];
    parsed[kind]![file.replace('.json', '')] = JSON.parse(text);
  }
  return parsed as unknown as Contracts; // The files are this package's own; the drift check proves their shape.
}
