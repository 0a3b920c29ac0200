import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import type { AuthorizationCode } from '../domain/authorization-code.ts';
import { AuthorizationCodes } from './authorization-codes.ts';
import { endOfSession } from './end-of-session.ts';

@Injectable()
export class PostgresAuthorizationCodes implements AuthorizationCodes {
  constructor(private readonly database: Database) {}

  async add(tx: Tx, codeHash: Buffer, code: Omit<AuthorizationCode, 'sessionEndsAt'>): Promise<void> {
    await tx.query(
      `INSERT INTO authorization_code (code_hash, grant_id, client_id, account_id, session_id, redirect_uri,
         code_challenge, nonce, scope, resources, authenticated_at, expires_at, acr, amr, claims, dpop_jkt, account_version,
         authorization_details)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
      [
        codeHash,
        code.grantId,
        code.clientId,
        code.accountId,
        code.sessionId,
        code.redirectUri,
        code.codeChallenge,
        code.nonce,
        code.scope,
        code.resources,
        code.authenticatedAt,
        code.expiresAt,
        code.acr,
        code.amr,
        code.claims,
        code.dpopJkt,
        code.accountVersion,
        JSON.stringify(code.authorizationDetails),
      ],
    );
  }

  async find(codeHash: Buffer): Promise<AuthorizationCode | null> {
    const [code] = await this.database.query<AuthorizationCode>(
      `SELECT grant_id AS "grantId", client_id AS "clientId", account_id AS "accountId", session_id AS "sessionId",
              redirect_uri AS "redirectUri", code_challenge AS "codeChallenge", nonce, scope, resources,
              authenticated_at AS "authenticatedAt", acr, amr, claims, dpop_jkt AS "dpopJkt", account_version AS "accountVersion", authorization_details AS "authorizationDetails", expires_at AS "expiresAt", consumed_at AS "consumedAt",
              ${endOfSession('authorization_code')} AS "sessionEndsAt"
       FROM authorization_code WHERE code_hash = $1`,
      [codeHash],
    );
    return code ?? null;
  }

  async forgetOfSession(tx: Tx, sessionId: string): Promise<void> {
    await tx.query('DELETE FROM authorization_code WHERE session_id = $1 AND consumed_at IS NULL', [sessionId]);
  }

  async consume(tx: Tx, codeHash: Buffer, now: Date): Promise<boolean> {
    const consumed = await tx.query(
      `UPDATE authorization_code SET consumed_at = $2 WHERE code_hash = $1 AND consumed_at IS NULL
       RETURNING code_hash`,
      [codeHash, now],
    );
    return consumed.length > 0;
  }

  async removeUnused(tx: Tx, { accountId, clientId }: { accountId: string; clientId: string }): Promise<void> {
    await tx.query('DELETE FROM authorization_code WHERE account_id = $1 AND client_id = $2 AND consumed_at IS NULL', [
      accountId,
      clientId,
    ]);
  }
}
