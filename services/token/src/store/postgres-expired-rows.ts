import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/database';
import { ExpiredRows } from './expired-rows.ts';

const BATCH_ROWS = 1_000;

/**
 * By table: which rows, where $1 is the present. A used code stays a day, so that a second use is still recognised,
 * and a pushed request as long as a page may wait that it led to.
 */
const expired = {
  authorization_request: 'expires_at < $1',
  authorization_code: "expires_at < $1::timestamptz - interval '1 day'",
  pushed_request: "expires_at < $1::timestamptz - interval '1 hour'",
  device_authorization: "expires_at < $1::timestamptz - interval '1 hour'",
  wrong_user_code: "tried_at < $1::timestamptz - interval '1 hour'",
  logout_delivery: "ended_at < $1::timestamptz - interval '30 days'",
  browser_session: 'expires_at < $1',
  initial_access_token: 'expires_at < $1',
  token_grant: 'expires_at < $1',
  registration: "created_at < $1::timestamptz - interval '30 days'",
};

@Injectable()
export class PostgresExpiredRows implements ExpiredRows {
  constructor(private readonly database: Database) {}

  async remove(now: Date): Promise<boolean> {
    let full = false;
    for (const [table, condition] of Object.entries(expired)) {
      const removed = await this.database.query(
        `DELETE FROM ${table} WHERE ctid IN (SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${BATCH_ROWS})
         RETURNING 1`,
        [now],
      );
      full ||= removed.length === BATCH_ROWS;
    }
    return full;
  }
}
