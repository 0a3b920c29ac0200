import type { Service } from '@gatehouse/contracts';
import type { CommittedEvent, Suite } from '@gatehouse/testing';
import { allTopics } from '@gatehouse/contracts';
import pg from 'pg';

/** Runs one statement in a service's database. */
export async function select<R>(suite: Suite, service: Service, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: suite.databaseUrl(service) });
  await client.connect();
  try {
    return (await client.query(sql)).rows as R[];
  } finally {
    await client.end();
  }
}

const audited = new Set(allTopics.filter((topic) => topic.audited).map((topic) => topic.name));
const producers = ['token', 'authorization', 'email-verification', 'audit-log'] as const;

interface OutboxRow {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly sequence: number | null;
}

/** Every audited event that any service has committed: the outboxes keep what was sent for a day. */
export async function committedEvents(suite: Suite): Promise<CommittedEvent[]> {
  const sql = `SELECT headers->>'ce_id' AS id, topic, key, sequence::int FROM outbox WHERE payload IS NOT NULL`;
  const rows = await Promise.all(producers.map((service) => select<OutboxRow>(suite, service, sql)));
  return rows
    .flat()
    .filter(({ topic }) => audited.has(topic))
    .map(({ id, topic, key, sequence }) => ({ id, stream: `${topic}/${key}`, sequence }));
}

/** The events that have an audit entry, by id, in the order of the log that each is in. */
export async function auditedEvents(suite: Suite): Promise<string[]> {
  const rows = await select<{ id: string }>(
    suite,
    'audit-log',
    'SELECT event_id AS id FROM audit_entry ORDER BY log_id, sequence',
  );
  return rows.map(({ id }) => id);
}

/** Logs whose sequence has a gap; there must be none. */
export async function gapsOfLogs(suite: Suite): Promise<string[]> {
  const sql = 'SELECT log_id FROM audit_entry GROUP BY log_id HAVING max(sequence) <> count(*) OR min(sequence) <> 1';
  return (await select<{ log_id: string }>(suite, 'audit-log', sql)).map(({ log_id }) => log_id);
}

/** Rows that still wait for Kafka, over all services. */
export async function unsentEvents(suite: Suite): Promise<number> {
  const sql = 'SELECT count(*)::int AS rows FROM outbox, outbox_cursor c WHERE (outbox.xid, outbox.id) > (c.xid, c.id)';
  const counts = await Promise.all(producers.map((service) => select<{ rows: number }>(suite, service, sql)));
  return counts.flat().reduce((sum, { rows }) => sum + rows, 0);
}

/** Mails that wait for their turn or their next attempt. */
export async function queuedMails(suite: Suite): Promise<number> {
  const sql = "SELECT count(*)::int AS mails FROM message WHERE state = 'queued'";
  const [row] = await select<{ mails: number }>(suite, 'email-verification', sql);
  return row?.mails ?? 0;
}

/** What the services' databases hold, in the words of `Traffic.acknowledged`. */
export async function committedChanges(suite: Suite): Promise<Set<string>> {
  const words = async (service: Service, sql: string) =>
    (await select<{ word: string }>(suite, service, sql)).map(({ word }) => word);
  const found = await Promise.all([
    words('token', `SELECT 'account:' || address AS word FROM account`),
    words(
      'token',
      `SELECT 'token:' || (payload::json->>'jti') AS word FROM outbox WHERE headers->>'ce_type' = 'token.issued'`,
    ),
    words(
      'email-verification',
      `SELECT 'confirmed:' || id AS word FROM verification_flow WHERE confirmed_at IS NOT NULL`,
    ),
    words('authorization', `SELECT 'organization:' || id AS word FROM organization`),
    words('authorization', `SELECT 'membership:' || organization_id || '/' || user_id AS word FROM membership`),
    words('authorization', `SELECT 'grant:' || id AS word FROM permission_grant`),
    words(
      'authorization',
      `SELECT 'no-grant:' || (payload::json->>'grant_id') AS word FROM outbox WHERE headers->>'ce_type' = 'grant.removed'
         AND NOT EXISTS (SELECT FROM permission_grant g WHERE g.id::text = payload::json->>'grant_id')`,
    ),
  ]);
  return new Set(found.flat());
}

/** Accounts that are verified although nobody confirmed, and confirmed ones that are not verified. */
export async function unverifiedConfirmations(suite: Suite): Promise<string[]> {
  // In this order: whoever is verified by then has confirmed before.
  const verified = await select<{ id: string }>(suite, 'token', 'SELECT id FROM account WHERE verified_at IS NOT NULL');
  const confirmed = await select<{ id: string }>(
    suite,
    'email-verification',
    'SELECT account_id AS id FROM verification_flow WHERE confirmed_at IS NOT NULL',
  );
  const ids = (rows: readonly { id: string }[]) => new Set(rows.map(({ id }) => id));
  return disagreements({ verified: ids(verified), confirmed: ids(confirmed), seeded: ids(suite.seed.accounts) });
}

interface Confirmations {
  readonly verified: ReadonlySet<string>;
  readonly confirmed: ReadonlySet<string>;
  /** Accounts that begin verified. */
  readonly seeded: ReadonlySet<string>;
}

export function disagreements({ verified, confirmed, seeded }: Confirmations): string[] {
  const unproven = [...verified].filter((id) => !confirmed.has(id) && !seeded.has(id));
  const unheard = [...confirmed].filter((id) => !verified.has(id));
  return [
    ...unproven.map((id) => `${id} is verified, and nobody confirmed`),
    ...unheard.map((id) => `${id} was confirmed, and is not verified`),
  ];
}

/** Messages that the mail server has, from the mail `since` on, and the service does not know to be sent. */
export async function unrecordedMails(suite: Suite, since: number): Promise<string[]> {
  const sql = "SELECT '<' || id AS prefix FROM message WHERE state = 'sent'";
  const recorded = await select<{ prefix: string }>(suite, 'email-verification', sql);
  const sent = new Set(recorded.map(({ prefix }) => prefix));
  return suite.smtp.mails
    .slice(since)
    .map(({ messageId }) => messageId)
    .filter((messageId) => !sent.has(messageId.split('@')[0] ?? ''));
}

/** How many mails are there beyond the first of each Message-ID. */
export function surplusCopies(mails: readonly { readonly messageId: string }[]): number {
  return mails.length - new Set(mails.map(({ messageId }) => messageId)).size;
}
