import { Injectable } from '@nestjs/common';
import type { Tx } from '@gatehouse/database';
import { WrongUserCodes } from './wrong-user-codes.ts';

@Injectable()
export class PostgresWrongUserCodes implements WrongUserCodes {
  async countSince(tx: Tx, source: string, since: Date): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM wrong_user_code WHERE source = $1 AND tried_at > $2',
      [source, since],
    );
    return row?.count ?? 0;
  }

  async record(tx: Tx, source: string, now: Date): Promise<void> {
    await tx.query('INSERT INTO wrong_user_code (source, tried_at) VALUES ($1, $2)', [source, now]);
  }
}
