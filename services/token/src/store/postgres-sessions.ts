import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import { Sessions, type Session } from './sessions.ts';

@Injectable()
export class PostgresSessions implements Sessions {
  constructor(private readonly database: Database) {}

  async add(tx: Tx, session: Session, cookieHash: Buffer): Promise<void> {
    await tx.query(
      `INSERT INTO browser_session (id, cookie_hash, account_id, authenticated_at, expires_at, acr, amr, account_version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      valuesOf(session, cookieHash),
    );
  }

  async find(cookieHash: Buffer, now: Date): Promise<Session | null> {
    const [session] = await this.database.query<Session>(
      `SELECT s.id, s.account_id AS "accountId", s.account_version AS "accountVersion",
              s.authenticated_at AS "authenticatedAt", s.expires_at AS "expiresAt", s.acr, s.amr
       FROM browser_session s JOIN account a ON a.id = s.account_id AND a.version = s.account_version
       WHERE s.cookie_hash = $1 AND s.expires_at > $2`,
      [cookieHash, now],
    );
    return session ?? null;
  }

  async hold(tx: Tx, id: string): Promise<boolean> {
    return (await tx.query('SELECT 1 FROM browser_session WHERE id = $1 FOR SHARE', [id])).length > 0;
  }

  async end(tx: Tx, id: string): Promise<boolean> {
    return (await tx.query('DELETE FROM browser_session WHERE id = $1 RETURNING id', [id])).length > 0;
  }

  async renew(tx: Tx, session: Session, cookieHash: Buffer): Promise<boolean> {
    const renewed = await tx.query(
      `UPDATE browser_session
       SET cookie_hash = $2, authenticated_at = $4, expires_at = $5, acr = $6, amr = $7, account_version = $8
       WHERE id = $1 AND account_id = $3 RETURNING id`,
      valuesOf(session, cookieHash),
    );
    return renewed.length > 0;
  }

  listOf(tx: Tx, accountId: string): Promise<{ id: string }[]> {
    return tx.query<{ id: string }>('SELECT id FROM browser_session WHERE account_id = $1 ORDER BY id', [accountId]);
  }
}

function valuesOf(session: Session, cookieHash: Buffer): unknown[] {
  const { id, accountId, authenticatedAt, expiresAt, acr, amr, accountVersion } = session;
  return [id, cookieHash, accountId, authenticatedAt, expiresAt, acr, amr, accountVersion];
}
