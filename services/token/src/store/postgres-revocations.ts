import { Injectable } from '@nestjs/common';
import type { LiveRevocation } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import type { Revocation } from '../domain/revocation.ts';
import { Revocations, type RevocationStretch } from './revocations.ts';

/** In one statement, and the counter last: it is not moved for what is revoked already. */
const ADD = {
  name: 'add-revocation',
  text: `
    WITH known AS (
      SELECT 1 FROM revocation WHERE key = $1 AND coalesce(version, 0) >= coalesce($2::integer, 0)
    ), numbered AS (
      UPDATE revocation_head SET number = number + 1 WHERE NOT EXISTS (SELECT FROM known) RETURNING number
    )
    INSERT INTO revocation AS r (key, version, revoked_at, expires_at, number)
    SELECT $1, $2, $3, $4, number FROM numbered
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, revoked_at = excluded.revoked_at,
      expires_at = greatest(r.expires_at, excluded.expires_at), number = excluded.number
    RETURNING number::int8::text AS number`,
};

const SINCE = {
  name: 'revocations-since',
  text: `
    SELECT h.number::text AS head, r.key, r.version, r.revoked_at, r.expires_at, r.number::text AS number
    FROM revocation_head h LEFT JOIN LATERAL (
      SELECT * FROM revocation WHERE number > $1 AND expires_at > $2 ORDER BY number LIMIT $3
    ) r ON true
    ORDER BY r.number`,
};

interface Row {
  readonly head: string;
  /** Null in the only row where nothing is live. */
  readonly key: string | null;
  readonly version: number | null;
  readonly revoked_at: Date;
  readonly expires_at: Date;
  readonly number: string;
}

@Injectable()
export class PostgresRevocations implements Revocations {
  constructor(private readonly database: Database) {}

  async add(tx: Tx, key: string, { version, revoked_at, expires_at }: Revocation): Promise<number | null> {
    const [added] = await tx.query<{ number: string }>(ADD, [key, version ?? null, revoked_at, expires_at]);
    return added ? Number(added.number) : null;
  }

  async head(): Promise<number> {
    const [row] = await this.database.query<{ number: string }>('SELECT number::text FROM revocation_head');
    return Number(row?.number ?? 0);
  }

  async since(after: number, limit: number, now: Date): Promise<RevocationStretch> {
    const rows = await this.database.query<Row>(SINCE, [after, now, limit]);
    return { head: Number(rows[0]?.head ?? 0), revocations: rows.flatMap(liveRevocationOf) };
  }

  async expired(now: Date, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ key: string }>(
      'SELECT key FROM revocation WHERE expires_at < $1 ORDER BY expires_at LIMIT $2',
      [now, limit],
    );
    return rows.map(({ key }) => key);
  }

  async forget(tx: Tx, keys: readonly string[], now: Date): Promise<string[]> {
    const rows = await tx.query<{ key: string }>(
      'DELETE FROM revocation WHERE key = ANY($1) AND expires_at < $2 RETURNING key',
      [keys, now],
    );
    return rows.map(({ key }) => key);
  }
}

function liveRevocationOf({ key, version, revoked_at, expires_at, number }: Row): LiveRevocation[] {
  if (key === null) return [];
  const colon = key.indexOf(':');
  return [
    {
      scope: key.slice(0, colon) as LiveRevocation['scope'], // -- keys are written by `tokenRevoked.key` alone
      id: key.slice(colon + 1),
      ...(version !== null && { version }),
      revoked_at: revoked_at.toISOString(),
      expires_at: expires_at.toISOString(),
      number: Number(number),
    },
  ];
}
