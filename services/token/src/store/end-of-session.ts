/**
 * SQL for when the session ends with which the grant of a row of this table ends: null where outlivesSession() spares the
 * grant, the epoch where the session is gone already.
 */
export function endOfSession(table: string): string {
  return `CASE WHEN 'offline_access' = ANY (${table}.scope) THEN NULL
    ELSE coalesce((SELECT s.expires_at FROM browser_session s WHERE s.id = ${table}.session_id), 'epoch') END`;
}
