import { deadLetters, services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import type { Suite } from '@gatehouse/testing';
import pg from 'pg';

/** Facts that a refusal leaves behind. */
const REFUSAL_FACTS = ['requests.refused', 'access.denied'];
/** How far a consumer and a relay have come, and how they did; the audit log's tables hold an entry for each fact. */
const PROGRESS = ['inbox', 'consumer_position', 'outbox_cursor', 'parked_message'];
const ENTRIES = ['audit_log', 'audit_identity', 'audit_entry', 'audit_seal'];

/** One digest for each table of each service: `authorization.role` -> the digest of its rows. */
export type StateDigest = Readonly<Record<string, string>>;

/** Looks at everything that the services of a suite have stored, to tell whether anything changed. */
export class PlatformState {
  readonly #connections: Readonly<Record<Service, pg.Client>>;

  private constructor(suite: Suite) {
    const connections = services.map((service) => [
      service,
      new pg.Client({ connectionString: suite.databaseUrl(service) }),
    ]);
    this.#connections = Object.fromEntries(connections) as Record<Service, pg.Client>;
  }

  static async of(suite: Suite): Promise<PlatformState> {
    const state = new PlatformState(suite);
    await Promise.all(services.map((service) => state.#connections[service].connect()));
    return state;
  }

  async close(): Promise<void> {
    await Promise.all(services.map((service) => this.#connections[service].end()));
  }

  /** Rows of a service's database. */
  async rows<R>(service: Service, sql: string, values: unknown[] = []): Promise<R[]> {
    return (await this.#connections[service].query(sql, values)).rows as R[];
  }

  /** Of every table apart from progress, and of every event apart from refusals and copies of dead letters. */
  async digest(): Promise<StateDigest> {
    const digests = await Promise.all(services.map((service) => this.#digestOf(service)));
    return Object.fromEntries(digests.flat());
  }

  async #digestOf(service: Service): Promise<[string, string][]> {
    const tables = await this.rows<{ name: string }>(
      service,
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^outbox(_[0-9]+)?$'
         AND tablename <> ALL ($1) ORDER BY 1`,
      [[...PROGRESS, ...ENTRIES]],
    );
    const parts = [...tables.map(({ name }) => digestSql(name, `"${name}"`)), digestSql('outbox', changesSql(service))];
    const found = await this.rows<{ name: string; digest: string }>(service, parts.join(' UNION ALL '));
    return found.map(({ name, digest }) => [`${service}.${name}`, digest]);
  }
}

/** The tables that are not the same in both. */
export function changedTables(before: StateDigest, after: StateDigest): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]);
}

function digestSql(name: string, rows: string): string {
  return `SELECT '${name}' AS name, count(*) || ':' || md5(coalesce(string_agg(r::text, ',' ORDER BY r::text), '')) AS digest
          FROM ${rows} r`;
}

/** What the outbox holds apart from refusals, and from tokens by which services ask each other. */
function changesSql(service: Service): string {
  const type = `coalesce(headers->>'ce_type', '')`;
  const refusals = REFUSAL_FACTS.map((name) => `'${name}'`).join(', ');
  const ownToken = `payload ~ '"client_id": *"(${services.join('|')})"'`;
  return `(SELECT xid::text, id, topic, key FROM outbox WHERE topic <> '${deadLetters[service].name}'
     AND ${type} NOT IN (${refusals}) AND NOT (${type} = 'token.issued' AND ${ownToken}))`;
}
