import { Secret } from '@gatehouse/config';
import type { Variables } from '@gatehouse/config';
import type { Service } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { operatorOutbox } from '@gatehouse/messaging';
import type { Outbox } from '@gatehouse/messaging';
import { operatorOf } from './operators.ts';

/** A service's own database, as its operator reaches it. */
export interface ServiceDatabase {
  readonly service: Service;
  readonly database: Database;
  readonly outbox: Outbox;
}

/** Runs `work` with the open database of `service`, whose URL is where the service itself has it. */
export async function withServiceDatabase<T>(
  service: Service,
  env: Variables,
  work: (access: ServiceDatabase) => Promise<T>,
): Promise<T> {
  const { databaseUrlVariable } = await operatorOf(service);
  const url = env[databaseUrlVariable];
  if (!url) throw new Error(`${databaseUrlVariable} is not set: it names the database of ${service}.`);
  const options = {
    url: new Secret(url),
    applicationName: `gatehouse ${service}`,
    entities: [],
    poolSize: 2,
    constraints: {},
  };
  const database = new Database(options);
  await database.open();
  try {
    return await work({ service, database, outbox: operatorOutbox(database, service) });
  } finally {
    await database.close();
  }
}
