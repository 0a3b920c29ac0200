import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import { pageOf, type ListPage, type PageRequest } from '@gatehouse/http';
import { Consents, type Consent, type ConsentParties } from './consents.ts';

@Injectable()
export class PostgresConsents implements Consents {
  constructor(private readonly database: Database) {}

  async scopeOf(accountId: string, clientId: string): Promise<string[]> {
    const [consent] = await this.database.query<{ scope: string[] }>(
      'SELECT scope FROM consent WHERE account_id = $1 AND client_id = $2',
      [accountId, clientId],
    );
    return consent?.scope ?? [];
  }

  async allow(
    tx: Tx,
    { accountId, clientId, scope }: { accountId: string; clientId: string; scope: readonly string[] },
    now: Date,
  ): Promise<string[]> {
    const [consent] = await tx.query<{ scope: string[] }>(
      `INSERT INTO consent (account_id, client_id, scope, given_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account_id, client_id) DO UPDATE SET given_at = excluded.given_at,
         scope = ARRAY(SELECT DISTINCT unnest(consent.scope || excluded.scope) ORDER BY 1)
       RETURNING scope`,
      [accountId, clientId, scope, now],
    );
    return consent?.scope ?? [];
  }

  async has({ accountId, clientId }: ConsentParties): Promise<boolean> {
    const found = await this.database.query('SELECT 1 FROM consent WHERE account_id = $1 AND client_id = $2', [
      accountId,
      clientId,
    ]);
    return found.length > 0;
  }

  async remove(tx: Tx, { accountId, clientId }: ConsentParties): Promise<boolean> {
    const removed = await tx.query('DELETE FROM consent WHERE account_id = $1 AND client_id = $2 RETURNING 1', [
      accountId,
      clientId,
    ]);
    return removed.length > 0;
  }

  async list(accountId: string, { limit, after }: PageRequest): Promise<ListPage<Consent>> {
    const rows = await this.database.query<Consent>(
      `SELECT client_id AS "clientId", client.metadata->>'client_name' AS "clientName", scope, given_at AS "givenAt"
       FROM consent JOIN client ON client.id = client_id
       WHERE account_id = $1 AND ($2::text IS NULL OR client_id COLLATE "C" > $2)
       ORDER BY client_id COLLATE "C" LIMIT $3`,
      [accountId, after, limit + 1],
    );
    return pageOf(rows, limit, ({ clientId }) => clientId);
  }
}
