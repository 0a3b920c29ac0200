import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import type { AuthorizationRequest } from '../domain/authorization-request.ts';
import { PushedRequests, type OpenedRequest } from './pushed-requests.ts';

@Injectable()
export class PostgresPushedRequests implements PushedRequests {
  constructor(private readonly database: Database) {}

  async add(referenceHash: Buffer, request: AuthorizationRequest, expiresAt: Date): Promise<void> {
    await this.database.query(
      'INSERT INTO pushed_request (reference_hash, client_id, request, expires_at) VALUES ($1, $2, $3, $4)',
      [referenceHash, request.clientId, request, expiresAt],
    );
  }

  async open({ referenceHash, clientId, browserHash }: OpenedRequest, now: Date): Promise<AuthorizationRequest | null> {
    const [row] = await this.database.query<{ request: AuthorizationRequest }>(
      `UPDATE pushed_request SET browser_hash = $3
       WHERE reference_hash = $1 AND client_id = $2 AND expires_at > $4 AND consumed_at IS NULL
         AND (browser_hash IS NULL OR browser_hash = $3)
       RETURNING request`,
      [referenceHash, clientId, browserHash, now],
    );
    return row?.request ?? null;
  }

  async consume(tx: Tx, referenceHash: Buffer, now: Date): Promise<boolean> {
    const consumed = await tx.query(
      `UPDATE pushed_request SET consumed_at = $2 WHERE reference_hash = $1 AND consumed_at IS NULL
       RETURNING reference_hash`,
      [referenceHash, now],
    );
    return consumed.length > 0;
  }
}
