import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import { InitialAccessTokens, type InitialAccessToken } from './initial-access-tokens.ts';

@Injectable()
export class PostgresInitialAccessTokens implements InitialAccessTokens {
  constructor(private readonly database: Database) {}

  async add(tx: Tx, { id, tokenHash, usesLeft, expiresAt }: InitialAccessToken): Promise<void> {
    await tx.query('INSERT INTO initial_access_token (id, token_hash, uses_left, expires_at) VALUES ($1, $2, $3, $4)', [
      id,
      tokenHash,
      usesLeft,
      expiresAt,
    ]);
  }

  async findUsable(tokenHash: Buffer, now: Date): Promise<string | null> {
    const [token] = await this.database.query<{ id: string }>(
      'SELECT id FROM initial_access_token WHERE token_hash = $1 AND uses_left > 0 AND expires_at > $2',
      [tokenHash, now],
    );
    return token?.id ?? null;
  }

  async use(tx: Tx, id: string, now: Date): Promise<boolean> {
    const used = await tx.query(
      `UPDATE initial_access_token SET uses_left = uses_left - 1
       WHERE id = $1 AND uses_left > 0 AND expires_at > $2 RETURNING 1`,
      [id, now],
    );
    return used.length > 0;
  }
}
