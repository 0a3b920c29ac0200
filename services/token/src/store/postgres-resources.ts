import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import { pageOf, type ListPage, type PageRequest } from '@gatehouse/http';
import type { Resource } from '../domain/resource.ts';
import { ResourceRecords, type ResourceRecord } from './resources.ts';

const COLUMNS = `name, url, client_id, scopes, authorization_details_types, version, created_at AS "createdAt",
  updated_at AS "updatedAt"`;

@Injectable()
export class PostgresResources implements ResourceRecords {
  constructor(private readonly database: Database) {}

  all(tx?: Tx): Promise<ResourceRecord[]> {
    return (tx ?? this.database).query<ResourceRecord>(`SELECT ${COLUMNS} FROM resource ORDER BY name COLLATE "C"`);
  }

  async find(name: string, tx?: Tx): Promise<ResourceRecord | undefined> {
    const sql = `SELECT ${COLUMNS} FROM resource WHERE name = $1`;
    return (await (tx ?? this.database).query<ResourceRecord>(sql, [name]))[0];
  }

  async list({ limit, after }: PageRequest): Promise<ListPage<ResourceRecord>> {
    const rows = await this.database.query<ResourceRecord>(
      `SELECT ${COLUMNS} FROM resource WHERE $1::text IS NULL OR name COLLATE "C" > $1
       ORDER BY name COLLATE "C" LIMIT $2`,
      [after, limit + 1],
    );
    return pageOf(rows, limit, ({ name }) => name);
  }

  async add(tx: Tx, resource: Resource): Promise<ResourceRecord> {
    const rows = await tx.query<ResourceRecord>(
      `INSERT INTO resource (name, url, client_id, scopes, authorization_details_types) VALUES ($1, $2, $3, $4, $5)
       RETURNING ${COLUMNS}`,
      parametersOf(resource),
    );
    return written(rows);
  }

  async save(tx: Tx, resource: Resource): Promise<ResourceRecord> {
    const rows = await tx.query<ResourceRecord>(
      `UPDATE resource SET url = $2, client_id = $3, scopes = $4, authorization_details_types = $5,
         version = version + 1, updated_at = now()
       WHERE name = $1 RETURNING ${COLUMNS}`,
      parametersOf(resource),
    );
    return written(rows);
  }

  async remove(tx: Tx, name: string): Promise<void> {
    await tx.query('DELETE FROM resource WHERE name = $1', [name]);
  }
}

/** A list is written as JSON by hand: the driver would make an array of it. */
function parametersOf({ name, url, client_id, scopes, authorization_details_types }: Resource): unknown[] {
  return [name, url, client_id, scopes && JSON.stringify(scopes), JSON.stringify(authorization_details_types)];
}

function written([row]: readonly ResourceRecord[]): ResourceRecord {
  if (row === undefined) throw new Error('a resource that this transaction has read is gone');
  return row;
}
