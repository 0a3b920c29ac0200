import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';

const AT_ONCE = 5_000;

/** Sessions that live only for a benchmark, each with a grant that can be refreshed once. */
export interface ManySessions {
  readonly refreshTokens: readonly string[];
  /** Takes them out of the database again. */
  remove(): Promise<void>;
}

/**
 * Adds `count` live sessions with a grant and a refresh token each, like those that `refreshToken` belongs to: written to the
 * tables, because as many logins would take an hour of argon2id.
 */
export async function addSessions(databaseUrl: string, refreshToken: string, count: number): Promise<ManySessions> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const sessionIds: string[] = [];
  const refreshTokens: string[] = [];
  while (refreshTokens.length < count) {
    const tokens = Array.from({ length: AT_ONCE }, () => `gh_refresh_${randomBytes(32).toString('base64url')}`);
    const ids = tokens.map(() => randomUUID());
    await client.query(COPY, [hashOf(refreshToken), ids, tokens.map(hashOf)]);
    sessionIds.push(...ids);
    refreshTokens.push(...tokens);
  }
  return {
    refreshTokens,
    remove: async () => {
      await client.query('DELETE FROM token_grant WHERE session_id = ANY ($1::uuid[])', [sessionIds]);
      await client.query('DELETE FROM browser_session WHERE id = ANY ($1::uuid[])', [sessionIds]);
      await client.end();
    },
  };
}

/** One session, grant and refresh token for each id; whatever is not named is as in the rows that $1 belongs to. */
const COPY = `
  WITH model AS (
    SELECT t, g, s FROM refresh_token t JOIN token_grant g ON g.id = t.grant_id JOIN browser_session s ON s.id = g.session_id
    WHERE t.token_hash = $1
  ), made AS (
    SELECT id, hash FROM unnest($2::uuid[], $3::bytea[]) AS made (id, hash)
  ), sessions AS (
    INSERT INTO browser_session
    SELECT (jsonb_populate_record(s, jsonb_build_object('id', id, 'cookie_hash', hash))).* FROM model, made
  ), grants AS (
    INSERT INTO token_grant
    SELECT (jsonb_populate_record(g, jsonb_build_object('id', id, 'session_id', id))).* FROM model, made
  )
  INSERT INTO refresh_token
  SELECT (jsonb_populate_record(t, unused || jsonb_build_object('id', id, 'grant_id', id, 'token_hash', hash))).*
  FROM model, made, (SELECT '{"consumed_at": null, "successor_id": null}'::jsonb) AS fresh (unused)`;

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
