import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import { counter } from '@gatehouse/telemetry';
import { RememberedRows } from './remembered-rows.ts';
import { SESSION_KEPT_MS, Sessions, type Session } from './sessions.ts';

const asked = counter({
  name: 'session_cache_requests_total',
  help: 'Questions for a remembered session, by whether it was remembered; the ratio of `hit` is the hit ratio.',
  labels: ['outcome'],
});

/** Remembers each session under its cookie until a change of it is heard of (`follow-sessions`). */
@Injectable()
export class PostgresSessions implements Sessions {
  private readonly rows = new RememberedRows<Session>({ keptMs: SESSION_KEPT_MS, asked });

  constructor(private readonly database: Database) {}

  async add(tx: Tx, session: Session): Promise<void> {
    await tx.query(
      `INSERT INTO browser_session (id, cookie_hash, account_id, authenticated_at, expires_at, acr, amr, account_version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      valuesOf(session),
    );
  }

  async find(cookieHash: Buffer, now: Date): Promise<Session | null> {
    const session = await this.rows.read(keyOf(cookieHash), async () => {
      const [row] = await this.database.query<Session>(
        `SELECT s.id, s.cookie_hash AS "cookieHash", s.account_id AS "accountId", s.account_version AS "accountVersion",
                s.authenticated_at AS "authenticatedAt", s.expires_at AS "expiresAt", s.acr, s.amr
         FROM browser_session s JOIN account a ON a.id = s.account_id AND a.version = s.account_version
         WHERE s.cookie_hash = $1 AND s.expires_at > $2`,
        [cookieHash, now],
      );
      return row;
    });
    return session ?? null;
  }

  remembered(cookieHash: Buffer, now: Date): Session | undefined {
    const session = this.rows.get(keyOf(cookieHash));
    return session && session.expiresAt > now ? session : undefined;
  }

  forget(id: string): void {
    this.rows.forget(id);
  }

  async hold(tx: Tx, { id, cookieHash }: Pick<Session, 'id' | 'cookieHash'>): Promise<boolean> {
    const held = 'SELECT 1 FROM browser_session WHERE id = $1 AND cookie_hash = $2 FOR SHARE';
    return (await tx.query(held, [id, cookieHash])).length > 0;
  }

  async end(tx: Tx, id: string): Promise<boolean> {
    tx.afterCommit(() => this.forget(id));
    return (await tx.query('DELETE FROM browser_session WHERE id = $1 RETURNING id', [id])).length > 0;
  }

  async renew(tx: Tx, session: Session): Promise<boolean> {
    tx.afterCommit(() => this.forget(session.id));
    const renewed = await tx.query(
      `UPDATE browser_session
       SET cookie_hash = $2, authenticated_at = $4, expires_at = $5, acr = $6, amr = $7, account_version = $8
       WHERE id = $1 AND account_id = $3 RETURNING id`,
      valuesOf(session),
    );
    return renewed.length > 0;
  }

  listOf(tx: Tx, accountId: string): Promise<{ id: string }[]> {
    return tx.query<{ id: string }>('SELECT id FROM browser_session WHERE account_id = $1 ORDER BY id', [accountId]);
  }
}

function keyOf(cookieHash: Buffer): string {
  return cookieHash.toString('base64url');
}

function valuesOf(session: Session): unknown[] {
  const { id, cookieHash, accountId, authenticatedAt, expiresAt, acr, amr, accountVersion } = session;
  return [id, cookieHash, accountId, authenticatedAt, expiresAt, acr, amr, accountVersion];
}
