import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import { Consents } from './consents.ts';

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
}
