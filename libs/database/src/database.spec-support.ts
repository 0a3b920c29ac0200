import { Secret } from '@gatehouse/config';
import type { ProblemCode } from '@gatehouse/contracts';
import { createSuite } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { Database } from './database.ts';
import type { Entities } from './database.ts';

/** An empty database of its own on the test platform. */
export interface Bench {
  readonly suite: Suite;
  readonly url: string;
  readonly database: Database;
  /** Another pool on the same database, or on the same one through another address. Closed with the bench. */
  open(options?: { url?: string; poolSize?: number }): Promise<Database>;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly schema?: string;
  readonly entities?: Entities;
  readonly constraints?: Record<string, ProblemCode>;
}

export async function openBench(
  name: string,
  { schema, entities = [], constraints = {} }: BenchOptions = {},
): Promise<Bench> {
  const suite = await createSuite(name);
  const opened: Database[] = [];
  const open: Bench['open'] = async ({ url = suite.databaseUrl('token'), poolSize = 8 } = {}) => {
    const database = new Database({ url: new Secret(url), applicationName: name, entities, poolSize, constraints });
    opened.push(database);
    await database.open();
    return database;
  };
  const database = await open();
  if (schema) await database.query(schema);
  return {
    suite,
    url: suite.databaseUrl('token'),
    database,
    open,
    close: async () => {
      await Promise.all(opened.map((each) => each.close()));
      await suite.dispose();
    },
  };
}
