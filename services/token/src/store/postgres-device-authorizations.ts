import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import type { DeviceApproval, DeviceAuthorization } from '../domain/device-authorization.ts';
import { endOfSession } from './end-of-session.ts';
import { DeviceAuthorizations, type NewDeviceAuthorization } from './device-authorizations.ts';

const COLUMNS = `grant_id AS "grantId", client_id AS "clientId", user_code AS "userCode", scope, resources,
  authorization_details AS "authorizationDetails", state,
  account_id AS "accountId", account_version AS "accountVersion", session_id AS "sessionId", ${endOfSession('device_authorization')} AS "sessionEndsAt",
  authenticated_at AS "authenticatedAt", acr, amr,
  interval_s AS "intervalS", polled_at AS "polledAt", expires_at AS "expiresAt"`;

type Row = Omit<DeviceAuthorization, 'approval'> & { [K in keyof DeviceApproval]: DeviceApproval[K] | null };

@Injectable()
export class PostgresDeviceAuthorizations implements DeviceAuthorizations {
  constructor(private readonly database: Database) {}

  async add(tx: Tx, deviceCodeHash: Buffer, authorization: NewDeviceAuthorization): Promise<boolean> {
    const { grantId, clientId, userCode, scope, resources, authorizationDetails, intervalS, expiresAt } = authorization;
    const added = await tx.query(
      `INSERT INTO device_authorization
         (grant_id, device_code_hash, client_id, user_code, scope, resources, interval_s, expires_at, authorization_details)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (user_code) DO NOTHING RETURNING grant_id`,
      [grantId, deviceCodeHash, clientId, userCode, scope, resources, intervalS, expiresAt, JSON.stringify(authorizationDetails)], // prettier-ignore
    );
    return added.length > 0;
  }

  async findByDeviceCode(deviceCodeHash: Buffer): Promise<DeviceAuthorization | null> {
    const sql = `SELECT ${COLUMNS} FROM device_authorization WHERE device_code_hash = $1`;
    const [row] = await this.database.query<Row>(sql, [deviceCodeHash]);
    return row ? authorizationOf(row) : null;
  }

  async findPending(userCode: string, now: Date): Promise<DeviceAuthorization | null> {
    const sql = `SELECT ${COLUMNS} FROM device_authorization
      WHERE user_code = $1 AND state = 'pending' AND expires_at > $2`;
    const [row] = await this.database.query<Row>(sql, [userCode, now]);
    return row ? authorizationOf(row) : null;
  }

  async read(tx: Tx, grantId: string): Promise<DeviceAuthorization> {
    const [row] = await tx.query<Row>(`SELECT ${COLUMNS} FROM device_authorization WHERE grant_id = $1 FOR UPDATE`, [
      grantId,
    ]);
    if (!row) throw new Error('the device authorization is gone');
    return authorizationOf(row);
  }

  async decide(
    tx: Tx,
    grantId: string,
    approval: Omit<DeviceApproval, 'sessionEndsAt'> | null,
    now: Date,
  ): Promise<boolean> {
    const decided = await tx.query(
      `UPDATE device_authorization
       SET state = $3, account_id = $4, account_version = $5, session_id = $6, authenticated_at = $7, acr = $8, amr = $9
       WHERE grant_id = $1 AND state = 'pending' AND expires_at > $2 RETURNING grant_id`,
      [
        grantId,
        now,
        approval ? 'approved' : 'denied',
        approval?.accountId,
        approval?.accountVersion,
        approval?.sessionId,
        approval?.authenticatedAt,
        approval?.acr,
        approval?.amr,
      ],
    );
    return decided.length > 0;
  }

  async refuseOf(tx: Tx, { accountId, clientId }: { accountId: string; clientId: string }): Promise<void> {
    await tx.query(
      `UPDATE device_authorization SET state = 'denied', account_id = NULL
       WHERE account_id = $1 AND client_id = $2 AND state = 'approved'`,
      [accountId, clientId],
    );
  }

  async refuseOfSession(tx: Tx, sessionId: string): Promise<void> {
    await tx.query(
      "UPDATE device_authorization SET state = 'denied', account_id = NULL WHERE session_id = $1 AND state = 'approved'",
      [sessionId],
    );
  }

  async recordPoll(tx: Tx, grantId: string, intervalS: number, now: Date): Promise<void> {
    await tx.query('UPDATE device_authorization SET polled_at = $2, interval_s = $3 WHERE grant_id = $1', [
      grantId,
      now,
      intervalS,
    ]);
  }

  async use(tx: Tx, grantId: string): Promise<void> {
    const used = await tx.query(
      "UPDATE device_authorization SET state = 'used' WHERE grant_id = $1 AND state = 'approved' RETURNING grant_id",
      [grantId],
    );
    if (used.length === 0) throw new Error('the device code was used outside the lock of its grant');
  }
}

function authorizationOf(found: Row): DeviceAuthorization {
  const { accountId, accountVersion, sessionId, sessionEndsAt, authenticatedAt, acr, amr, ...row } = found;
  const approved =
    accountId !== null && accountVersion !== null && sessionId !== null && authenticatedAt && acr !== null && amr;
  const approval = approved && { accountId, accountVersion, sessionId, sessionEndsAt, authenticatedAt, acr, amr };
  return { ...row, approval: approval || null };
}
