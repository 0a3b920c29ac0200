import { Injectable } from '@nestjs/common';
import type { RoleResource } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { pageOf } from '@gatehouse/http';
import type { ListPage, PageRequest } from '@gatehouse/http';
import { Roles } from './roles.ts';
import type { RoleContents } from './roles.ts';
import { beforeFirstId, onlyRow, RESOURCE_COLUMNS, toResource, TOUCH } from './rows.ts';

const COLUMNS = `id, organization_id, name, description, ${RESOURCE_COLUMNS},
  ARRAY(SELECT permission FROM role_permission WHERE role_id = role.id ORDER BY permission) AS permissions`;

@Injectable()
export class PostgresRoles extends Roles {
  constructor(private readonly database: Database) {
    super();
  }

  async insert(tx: Tx, role: RoleContents & { id: string; organization_id: string }): Promise<RoleResource> {
    const { id, organization_id, name, description, permissions } = role;
    const sql = 'INSERT INTO role (id, organization_id, name, description) VALUES ($1, $2, $3, $4)';
    await tx.query(sql, [id, organization_id, name, description]);
    await this.insertPermissions(tx, id, permissions);
    return this.read(tx, id);
  }

  async find(organizationId: string, id: string, tx?: Tx): Promise<RoleResource | undefined> {
    const sql = `SELECT ${COLUMNS} FROM role WHERE organization_id = $1 AND id = $2`;
    const [row] = await (tx ?? this.database).query(sql, [organizationId, id]);
    return row && toResource(row);
  }

  async list(organizationId: string, { limit, after }: PageRequest): Promise<ListPage<RoleResource>> {
    const sql = `SELECT ${COLUMNS} FROM role WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3`;
    const rows = await this.database.query(sql, [organizationId, beforeFirstId(after), limit + 1]);
    return pageOf(rows.map(toResource<RoleResource>), limit, ({ id }) => id);
  }

  async replace(tx: Tx, id: string, { name, description, permissions }: RoleContents): Promise<RoleResource> {
    await tx.query(`UPDATE role SET name = $2, description = $3, ${TOUCH} WHERE id = $1`, [id, name, description]);
    await tx.query('DELETE FROM role_permission WHERE role_id = $1', [id]);
    await this.insertPermissions(tx, id, permissions);
    return this.read(tx, id);
  }

  async delete(tx: Tx, id: string): Promise<void> {
    await tx.query('DELETE FROM role WHERE id = $1', [id]);
  }

  private async insertPermissions(tx: Tx, id: string, permissions: readonly string[]): Promise<void> {
    const sql = 'INSERT INTO role_permission (role_id, permission) SELECT DISTINCT $1::uuid, unnest($2::text[])';
    await tx.query(sql, [id, permissions]);
  }

  private async read(tx: Tx, id: string): Promise<RoleResource> {
    return toResource(onlyRow(await tx.query(`SELECT ${COLUMNS} FROM role WHERE id = $1`, [id])));
  }
}
