import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import type { AuthorizationRequest } from '../domain/authorization-request.ts';
import { AuthorizationRequests, type PendingRequest } from './authorization-requests.ts';

@Injectable()
export class PostgresAuthorizationRequests implements AuthorizationRequests {
  constructor(private readonly database: Database) {}

  async add(id: string, request: AuthorizationRequest, browserHash: Buffer, expiresAt: Date): Promise<void> {
    const { clientId, redirectUri, state, nonce, codeChallenge, scope, resources } = request;
    await this.database.query(
      `INSERT INTO authorization_request
         (id, browser_hash, client_id, redirect_uri, state, nonce, code_challenge, scope, resources, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [id, browserHash, clientId, redirectUri, state, nonce, codeChallenge, scope, resources, expiresAt],
    );
  }

  async find(id: string, browserHash: Buffer, now: Date): Promise<PendingRequest | null> {
    const [request] = await this.database.query<PendingRequest>(
      `SELECT id, client_id AS "clientId", redirect_uri AS "redirectUri", state, nonce, scope, resources,
              code_challenge AS "codeChallenge", unverified_flow_id AS "unverifiedFlowId"
       FROM authorization_request WHERE id = $1 AND browser_hash = $2 AND expires_at > $3`,
      [id, browserHash, now],
    );
    return request ?? null;
  }

  async consume(tx: Tx, id: string): Promise<boolean> {
    const consumed = await tx.query('DELETE FROM authorization_request WHERE id = $1 RETURNING id', [id]);
    return consumed.length > 0;
  }

  async rememberUnverified(tx: Tx, id: string, flowId: string): Promise<void> {
    await tx.query('UPDATE authorization_request SET unverified_flow_id = $2 WHERE id = $1', [id, flowId]);
  }

  async forgetUnverified(tx: Tx, id: string): Promise<boolean> {
    const forgotten = await tx.query(
      `UPDATE authorization_request SET unverified_flow_id = NULL
       WHERE id = $1 AND unverified_flow_id IS NOT NULL RETURNING id`,
      [id],
    );
    return forgotten.length > 0;
  }
}
