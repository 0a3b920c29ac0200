import { Injectable } from '@nestjs/common';
import type { OrganizationResource, Subject } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { pageOf } from '@gatehouse/http';
import type { ListPage, PageRequest } from '@gatehouse/http';
import { Organizations } from './organizations.ts';
import type { DeletedContents } from './organizations.ts';
import { beforeFirstId, onlyRow, RESOURCE_COLUMNS, toResource, TOUCH } from './rows.ts';

const COLUMNS = `id, name, ${RESOURCE_COLUMNS}`;

@Injectable()
export class PostgresOrganizations extends Organizations {
  constructor(private readonly database: Database) {
    super();
  }

  async insert(tx: Tx, { id, name }: { id: string; name: string }): Promise<OrganizationResource> {
    const sql = `INSERT INTO organization (id, name) VALUES ($1, $2) RETURNING ${COLUMNS}`;
    return toResource(onlyRow(await tx.query(sql, [id, name])));
  }

  async find(id: string, tx?: Tx): Promise<OrganizationResource | undefined> {
    const [row] = await (tx ?? this.database).query(`SELECT ${COLUMNS} FROM organization WHERE id = $1`, [id]);
    return row && toResource(row);
  }

  async list({ limit, after }: PageRequest): Promise<ListPage<OrganizationResource>> {
    const sql = `SELECT ${COLUMNS} FROM organization WHERE id > $1 ORDER BY id LIMIT $2`;
    return this.page(await this.database.query(sql, [beforeFirstId(after), limit + 1]), limit);
  }

  async listOf(subject: Subject, { limit, after }: PageRequest): Promise<ListPage<OrganizationResource>> {
    const sql = `
      SELECT ${COLUMNS} FROM organization
      WHERE id > $1 AND id IN (
        SELECT organization_id FROM membership
        WHERE $2 = 'user' AND user_id = $3 AND (expires_at IS NULL OR expires_at > now())
        UNION ALL
        SELECT organization_id FROM permission_grant
        WHERE $2 = 'client' AND subject_type = 'client' AND subject_id = $3
          AND (not_before IS NULL OR not_before <= now()) AND (expires_at IS NULL OR expires_at > now()))
      ORDER BY id LIMIT $4`;
    const parameters = [beforeFirstId(after), subject.type, subject.id, limit + 1];
    return this.page(await this.database.query(sql, parameters), limit);
  }

  async rename(tx: Tx, id: string, name: string): Promise<OrganizationResource> {
    const sql = `UPDATE organization SET name = $2, ${TOUCH} WHERE id = $1 RETURNING ${COLUMNS}`;
    return toResource(onlyRow(await tx.query(sql, [id, name])));
  }

  async delete(tx: Tx, id: string): Promise<DeletedContents> {
    const grants = await deleteFrom(tx, 'permission_grant', id);
    const memberships = await deleteFrom(tx, 'membership', id);
    const roles = await deleteFrom(tx, 'role', id);
    await tx.query('DELETE FROM organization WHERE id = $1', [id]);
    return { roles, memberships, grants };
  }

  private page(rows: object[], limit: number): ListPage<OrganizationResource> {
    return pageOf(rows.map(toResource<OrganizationResource>), limit, ({ id }) => id);
  }
}

async function deleteFrom(tx: Tx, table: 'permission_grant' | 'membership' | 'role', organizationId: string) {
  const sql = `WITH gone AS (DELETE FROM ${table} WHERE organization_id = $1 RETURNING 1) SELECT count(*)::int FROM gone`;
  return onlyRow(await tx.query<{ count: number }>(sql, [organizationId])).count;
}
