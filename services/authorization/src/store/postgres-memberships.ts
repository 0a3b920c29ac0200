import { Injectable } from '@nestjs/common';
import type { MembershipResource } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { pageOf } from '@gatehouse/http';
import type { ListPage, PageRequest } from '@gatehouse/http';
import { Memberships } from './memberships.ts';
import { onlyRow, RESOURCE_COLUMNS, toResource, TOUCH } from './rows.ts';

const COLUMNS = `organization_id, user_id, expires_at, ${RESOURCE_COLUMNS}`;
const OF_KEY = 'WHERE organization_id = $1 AND user_id = $2';
type Key = Pick<MembershipResource, 'organization_id' | 'user_id'>;

@Injectable()
export class PostgresMemberships extends Memberships {
  constructor(private readonly database: Database) {
    super();
  }

  async insert(tx: Tx, membership: Key & Pick<MembershipResource, 'expires_at'>): Promise<MembershipResource> {
    const { organization_id, user_id, expires_at } = membership;
    const sql = `INSERT INTO membership (organization_id, user_id, expires_at) VALUES ($1, $2, $3) RETURNING ${COLUMNS}`;
    return toResource(onlyRow(await tx.query(sql, [organization_id, user_id, expires_at])));
  }

  async find({ organization_id, user_id }: Key, tx?: Tx): Promise<MembershipResource | undefined> {
    const sql = `SELECT ${COLUMNS} FROM membership ${OF_KEY}`;
    const [row] = await (tx ?? this.database).query(sql, [organization_id, user_id]);
    return row && toResource(row);
  }

  async list(organizationId: string, { limit, after }: PageRequest): Promise<ListPage<MembershipResource>> {
    const sql = `SELECT ${COLUMNS} FROM membership WHERE organization_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3`;
    const rows = await this.database.query(sql, [organizationId, after ?? '', limit + 1]);
    return pageOf(rows.map(toResource<MembershipResource>), limit, ({ user_id }) => user_id);
  }

  async change(tx: Tx, { organization_id, user_id }: Key, expiresAt: string | null): Promise<MembershipResource> {
    const sql = `UPDATE membership SET expires_at = $3, ${TOUCH} ${OF_KEY} RETURNING ${COLUMNS}`;
    return toResource(onlyRow(await tx.query(sql, [organization_id, user_id, expiresAt])));
  }

  async delete(tx: Tx, { organization_id, user_id }: Key): Promise<void> {
    await tx.query(`DELETE FROM membership ${OF_KEY}`, [organization_id, user_id]);
  }
}
