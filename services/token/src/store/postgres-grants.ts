import { Injectable } from '@nestjs/common';
import type { ClaimsRequest } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { pageOf, type ListPage, type PageRequest } from '@gatehouse/http';
import { endOfSession } from './end-of-session.ts';
import { Grants, type Grant, type NewRefreshToken, type PresentedRefreshToken } from './grants.ts';

const END = `LEAST(g.expires_at, ${endOfSession('g')})`;
const GRANT = `g.id, g.client_id AS "clientId", g.account_id AS "accountId", g.account_version AS "accountVersion", g.session_id AS "sessionId", g.scope,
  g.resources, g.authenticated_at AS "authenticatedAt", ${END} AS "expiresAt",
  g.acr, g.amr, g.claims, g.dpop_jkt AS "dpopJkt",
  g.certificate_s256 AS "certificateS256", g.authorization_details AS "authorizationDetails"`;

const FIND = {
  name: 'find-grant-by-refresh-token',
  text: `SELECT ${GRANT} FROM refresh_token t JOIN token_grant g ON g.id = t.grant_id WHERE t.token_hash = $1`,
};
const FIND_LIVE = {
  name: 'find-live-refresh-token',
  text: `SELECT ${GRANT}, LEAST(t.expires_at, ${END}) AS "tokenExpiresAt" FROM refresh_token t JOIN token_grant g ON g.id = t.grant_id
    WHERE t.token_hash = $1 AND t.consumed_at IS NULL AND LEAST(t.expires_at, ${END}) > $2 AND g.revoked_at IS NULL`,
};
const READ = {
  name: 'read-refresh-token',
  text: `SELECT ${GRANT}, g.revoked_at IS NOT NULL OR g.account_version < a.version AS "grantRevoked",
      LEAST(t.expires_at, ${END}) AS "tokenExpiresAt",
      t.consumed_at AS "consumedAt", t.successor_id AS "successorId",
      successor.token_hash AS "successorHash",
      successor.consumed_at IS NOT NULL AS "successorConsumed"
    FROM refresh_token t JOIN token_grant g ON g.id = t.grant_id JOIN account a ON a.id = g.account_id
    LEFT JOIN refresh_token successor ON successor.id = t.successor_id
    WHERE t.token_hash = $1`,
};
/** Fails, for want of a grant, where the token was used already: that cannot be under the lock of its grant. */
const REPLACE = {
  name: 'replace-refresh-token',
  text: `WITH used AS (
      UPDATE refresh_token SET consumed_at = $2, successor_id = $3
      WHERE token_hash = $1 AND consumed_at IS NULL RETURNING grant_id
    )
    INSERT INTO refresh_token (id, token_hash, grant_id, expires_at) VALUES ($3, $4, (SELECT grant_id FROM used), $5)`,
};

type Row = Grant & Omit<PresentedRefreshToken, 'grant' | 'expiresAt'> & { readonly tokenExpiresAt: Date };

@Injectable()
export class PostgresGrants implements Grants {
  constructor(private readonly database: Database) {}

  add(tx: Tx, grant: Grant): void {
    tx.send(
      `INSERT INTO token_grant (id, client_id, account_id, session_id, scope, resources, authenticated_at, expires_at,
         acr, amr, claims, account_version, dpop_jkt, certificate_s256, authorization_details)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
      [
        grant.id,
        grant.clientId,
        grant.accountId,
        grant.sessionId,
        grant.scope,
        grant.resources,
        grant.authenticatedAt,
        grant.expiresAt,
        grant.acr,
        grant.amr,
        grant.claims,
        grant.accountVersion,
        grant.dpopJkt,
        grant.certificateS256,
        JSON.stringify(grant.authorizationDetails),
      ],
    );
  }

  addRefreshToken(tx: Tx, grantId: string, token: NewRefreshToken): void {
    tx.send('INSERT INTO refresh_token (id, token_hash, grant_id, expires_at) VALUES ($1, $2, $3, $4)', [
      token.id,
      token.tokenHash,
      grantId,
      token.expiresAt,
    ]);
  }

  async find(id: string): Promise<Grant | undefined> {
    const [grant] = await this.database.query<Grant>(`SELECT ${GRANT} FROM token_grant g WHERE g.id = $1`, [id]);
    return grant;
  }

  async listLive(
    {
      accountId = null,
      clientId = null,
    }: { accountId?: string | null | undefined; clientId?: string | null | undefined },
    { limit, after }: PageRequest,
    now: Date,
  ): Promise<ListPage<Grant>> {
    const grants = await this.database.query<Grant>(
      `SELECT ${GRANT} FROM token_grant g
       WHERE g.revoked_at IS NULL AND ${END} > $1 AND ($2::uuid IS NULL OR g.account_id = $2)
         AND ($3::text IS NULL OR g.client_id = $3) AND ($4::uuid IS NULL OR g.id > $4)
       ORDER BY g.id LIMIT $5`,
      [now, accountId, clientId, after, limit + 1],
    );
    return pageOf(grants, limit, ({ id }) => id);
  }

  async findByRefreshToken(tokenHash: Buffer): Promise<Grant | null> {
    const [grant] = await this.database.query<Grant>(FIND, [tokenHash]);
    return grant ?? null;
  }

  async findLiveRefreshToken(tokenHash: Buffer, now: Date): Promise<{ grant: Grant; expiresAt: Date } | null> {
    const [row] = await this.database.query<Grant & { tokenExpiresAt: Date }>(FIND_LIVE, [tokenHash, now]);
    if (!row) return null;
    const { tokenExpiresAt: expiresAt, ...grant } = row;
    return { grant, expiresAt };
  }

  async claimsOf(grantId: string): Promise<ClaimsRequest | null> {
    const [row] = await this.database.query<Pick<Grant, 'claims'>>('SELECT claims FROM token_grant WHERE id = $1', [
      grantId,
    ]);
    return row?.claims ?? null;
  }

  async readRefreshToken(tx: Tx, tokenHash: Buffer): Promise<PresentedRefreshToken> {
    const [row] = await tx.query<Row>(READ, [tokenHash]);
    if (!row) throw new Error('the refresh token is gone');
    const { grantRevoked, tokenExpiresAt, consumedAt, successorId, successorHash, successorConsumed, ...grant } = row;
    const successor = { successorId, successorHash, successorConsumed };
    return { grant, grantRevoked, consumedAt, ...successor, expiresAt: tokenExpiresAt };
  }

  replaceRefreshToken(tx: Tx, tokenHash: Buffer, successor: NewRefreshToken, now: Date): void {
    const { id, tokenHash: successorHash, expiresAt } = successor;
    tx.send(REPLACE, [tokenHash, now, id, successorHash, expiresAt]);
  }

  async revokeAll(tx: Tx, accountId: string, now: Date): Promise<void> {
    await tx.query('UPDATE token_grant SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL', [
      accountId,
      now,
    ]);
  }

  async revokeOfSession(tx: Tx, sessionId: string, now: Date): Promise<number> {
    const revoked = await tx.query(
      `UPDATE token_grant SET revoked_at = $2
       WHERE session_id = $1 AND revoked_at IS NULL AND NOT 'offline_access' = ANY (scope) RETURNING id`,
      [sessionId, now],
    );
    return revoked.length;
  }

  async revoke(tx: Tx, grantId: string, now: Date): Promise<boolean> {
    const revoked = await tx.query(
      'UPDATE token_grant SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id',
      [grantId, now],
    );
    return revoked.length > 0;
  }
}
