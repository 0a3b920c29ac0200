import { Injectable } from '@nestjs/common';
import type { GrantResource, Subject } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { pageOf } from '@gatehouse/http';
import type { ListPage, PageRequest } from '@gatehouse/http';
import { Grants } from './grants.ts';
import type { GrantFilter, NewGrant, Term } from './grants.ts';
import { beforeFirstId, onlyRow, RESOURCE_COLUMNS, toResource, TOUCH } from './rows.ts';

const COLUMNS = `id, organization_id, json_build_object('type', subject_type, 'id', subject_id) AS subject,
  role_id, permission, effect, not_before, expires_at, ${RESOURCE_COLUMNS}`;

@Injectable()
export class PostgresGrants extends Grants {
  constructor(private readonly database: Database) {
    super();
  }

  async insert(tx: Tx, grant: NewGrant): Promise<GrantResource> {
    const { id, organization_id, subject, role_id, permission, effect, not_before, expires_at } = grant;
    const sql = `
      INSERT INTO permission_grant
        (id, organization_id, subject_type, subject_id, role_id, permission, effect, not_before, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`;
    const values = [id, organization_id, subject.type, subject.id, role_id, permission, effect, not_before, expires_at];
    return toResource(onlyRow(await tx.query(sql, values)));
  }

  async find(organizationId: string, id: string, tx?: Tx): Promise<GrantResource | undefined> {
    const sql = `SELECT ${COLUMNS} FROM permission_grant WHERE organization_id = $1 AND id = $2`;
    const [row] = await (tx ?? this.database).query(sql, [organizationId, id]);
    return row && toResource(row);
  }

  async list(
    organizationId: string,
    filter: GrantFilter,
    { limit, after }: PageRequest,
  ): Promise<ListPage<GrantResource>> {
    const sql = `
      SELECT ${COLUMNS} FROM permission_grant
      WHERE organization_id = $1 AND id > $2
        AND ($4::text IS NULL OR subject_type = $4) AND ($5::text IS NULL OR subject_id = $5)
        AND ($6::uuid IS NULL OR role_id = $6)
      ORDER BY id LIMIT $3`;
    const { subject_type = null, subject_id = null, role_id = null } = filter;
    const parameters = [organizationId, beforeFirstId(after), limit + 1, subject_type, subject_id, role_id];
    const rows = await this.database.query(sql, parameters);
    return pageOf(rows.map(toResource<GrantResource>), limit, ({ id }) => id);
  }

  async change(tx: Tx, id: string, { not_before, expires_at }: Term): Promise<GrantResource> {
    const sql = `
      UPDATE permission_grant SET not_before = $2, expires_at = $3, ${TOUCH} WHERE id = $1 RETURNING ${COLUMNS}`;
    return toResource(onlyRow(await tx.query(sql, [id, not_before, expires_at])));
  }

  async delete(tx: Tx, id: string): Promise<void> {
    await tx.query('DELETE FROM permission_grant WHERE id = $1', [id]);
  }

  async deleteOf(tx: Tx, organizationId: string, { type, id }: Subject): Promise<GrantResource[]> {
    const sql = `
      WITH gone AS (
        DELETE FROM permission_grant
        WHERE organization_id = $1 AND subject_type = $2 AND subject_id = $3 RETURNING *
      ) SELECT ${COLUMNS} FROM gone ORDER BY id`;
    return (await tx.query(sql, [organizationId, type, id])).map(toResource<GrantResource>);
  }
}
