/** Settings of the server on which the promise "an acknowledged change is never lost" rests. */
interface ServerSettings {
  readonly version: number;
  readonly synchronous_commit: string;
  readonly max_prepared_transactions: number;
}

const SETTINGS_SQL = `
  SELECT current_setting('server_version_num')::int AS version,
         current_setting('synchronous_commit') AS synchronous_commit,
         current_setting('max_prepared_transactions')::int AS max_prepared_transactions`;

/** Throws where the server cannot keep Gatehouse's promises, naming every such setting. */
export async function checkServer(query: (sql: string) => Promise<unknown[]>): Promise<void> {
  const [settings] = (await query(SETTINGS_SQL)) as ServerSettings[];
  const problems = settings ? problemsOf(settings) : ['the server told nothing about itself'];
  if (problems.length > 0) throw new Error(`PostgreSQL cannot be used: ${problems.join('; ')}`);
}

export function problemsOf(settings: ServerSettings): string[] {
  const problems: string[] = [];
  if (settings.version < 180_000) problems.push(`version 18 or later is needed, this is ${settings.version}`);
  if (!['on', 'remote_apply'].includes(settings.synchronous_commit)) {
    problems.push(`synchronous_commit must be on, it is ${settings.synchronous_commit}: a crash would lose commits`);
  }
  if (settings.max_prepared_transactions !== 0) {
    problems.push('max_prepared_transactions must be 0: a forgotten prepared transaction holds up every relay');
  }
  return problems;
}
