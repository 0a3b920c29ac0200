import { Injectable } from '@nestjs/common';
import type { PermissionResource } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { pageOf } from '@gatehouse/http';
import type { ListPage, PageRequest } from '@gatehouse/http';
import type { PermissionScope } from '../domain/decide.ts';
import { Permissions } from './permissions.ts';
import { onlyRow } from './rows.ts';

const COLUMNS = 'name, summary, scope, registered';

@Injectable()
export class PostgresPermissions extends Permissions {
  constructor(private readonly database: Database) {
    super();
  }

  async register(tx: Tx, { name, summary }: { name: string; summary: string }): Promise<PermissionResource> {
    const sql = `
      INSERT INTO permission (name, summary, scope, registered) VALUES ($1, $2, 'organization', true) RETURNING ${COLUMNS}`;
    return onlyRow(await tx.query<PermissionResource>(sql, [name, summary]));
  }

  async list({ limit, after }: PageRequest): Promise<ListPage<PermissionResource>> {
    const sql = `SELECT ${COLUMNS} FROM permission WHERE name > $1 ORDER BY name LIMIT $2`;
    const rows = await this.database.query<PermissionResource>(sql, [after ?? '', limit + 1]);
    return pageOf(rows, limit, ({ name }) => name);
  }

  async scopesOf(tx: Tx, names: readonly string[]): Promise<ReadonlyMap<string, PermissionScope>> {
    const sql = 'SELECT name, scope FROM permission WHERE name = ANY($1)';
    const rows = await tx.query<{ name: string; scope: PermissionScope }>(sql, [names]);
    return new Map(rows.map(({ name, scope }) => [name, scope]));
  }
}
