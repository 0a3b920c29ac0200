import { Injectable } from '@nestjs/common';
import { clientMetadata, type ClientMetadata } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { ClientDocuments } from './client-documents.ts';

const UNUSED = `document_read_at < $1 AND disabled_at IS NULL
  AND NOT EXISTS (SELECT FROM token_grant g WHERE g.client_id = c.id)
  AND NOT EXISTS (SELECT FROM consent o WHERE o.client_id = c.id)`;

@Injectable()
export class PostgresClientDocuments implements ClientDocuments {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<{ metadata: ClientMetadata; readAt: Date } | undefined> {
    const [row] = await this.database.query<{ metadata: unknown; readAt: Date }>(
      'SELECT metadata, document_read_at AS "readAt" FROM client WHERE id = $1 AND document_read_at IS NOT NULL',
      [id],
    );
    return row && { metadata: clientMetadata.parse(row.metadata), readAt: row.readAt };
  }

  async touch(tx: Tx, id: string, now: Date): Promise<void> {
    await tx.query('UPDATE client SET document_read_at = $2 WHERE id = $1', [id, now]);
  }

  async unused(before: Date, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(`SELECT id FROM client c WHERE ${UNUSED} LIMIT $2`, [
      before,
      limit,
    ]);
    return rows.map(({ id }) => id);
  }

  async isUnused(tx: Tx, id: string, before: Date): Promise<boolean> {
    return (await tx.query(`SELECT FROM client c WHERE ${UNUSED} AND id = $2`, [before, id])).length === 1;
  }
}
