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
      [
        session.id,
        cookieHash,
        session.accountId,
        session.authenticatedAt,
        session.expiresAt,
        session.acr,
        session.amr,
        session.accountVersion,
      ],
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

  async remove(tx: Tx, cookieHash: Buffer): Promise<void> {
    await tx.query('DELETE FROM browser_session WHERE cookie_hash = $1', [cookieHash]);
  }
}
