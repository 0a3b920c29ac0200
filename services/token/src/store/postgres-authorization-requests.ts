import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import type { AuthorizationRequest } from '../domain/authorization-request.ts';
import { AuthorizationRequests, type NewPendingRequest, type PendingRequest } from './authorization-requests.ts';
import { PushedRequests } from './pushed-requests.ts';

type Row = Pick<PendingRequest, 'id' | 'requestedAt' | 'unverifiedFlowId' | 'deviceGrantId'> & {
  readonly request: AuthorizationRequest;
};

@Injectable()
export class PostgresAuthorizationRequests implements AuthorizationRequests {
  constructor(
    private readonly database: Database,
    private readonly pushedRequests: PushedRequests,
  ) {}

  async add(pending: NewPendingRequest, browserHash: Buffer, expiresAt: Date): Promise<void> {
    const { id, requestedAt, pushedHash, deviceGrantId, ...request } = pending;
    await this.database.query(
      `INSERT INTO authorization_request (id, browser_hash, client_id, request, requested_at, expires_at, pushed_hash, device_grant_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [id, browserHash, request.clientId, request, requestedAt, expiresAt, pushedHash, deviceGrantId],
    );
  }

  async find(id: string, browserHash: Buffer, now: Date): Promise<PendingRequest | null> {
    const [row] = await this.database.query<Row>(
      `SELECT id, request, requested_at AS "requestedAt", unverified_flow_id AS "unverifiedFlowId",
              device_grant_id AS "deviceGrantId"
       FROM authorization_request WHERE id = $1 AND browser_hash = $2 AND expires_at > $3`,
      [id, browserHash, now],
    );
    if (!row) return null;
    const { request, ...pending } = row;
    // A request that an older version of this service has kept has none.
    return { ...request, authorizationDetails: request.authorizationDetails ?? [], ...pending };
  }

  async consume(tx: Tx, id: string, now: Date): Promise<boolean> {
    const [consumed] = await tx.query<{ pushedHash: Buffer | null }>(
      'DELETE FROM authorization_request WHERE id = $1 RETURNING pushed_hash AS "pushedHash"',
      [id],
    );
    if (!consumed) return false;
    return consumed.pushedHash === null || this.pushedRequests.consume(tx, consumed.pushedHash, now);
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
