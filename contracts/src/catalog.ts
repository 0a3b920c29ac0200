import { listEntries } from './endpoints/audit-log/list-entries.endpoint.ts';
import { readEntry } from './endpoints/audit-log/read-entry.endpoint.ts';
import { authorize, authorizeByForm } from './endpoints/token/authorize.endpoint.ts';
import { issueToken } from './endpoints/token/issue-token.endpoint.ts';
import { logIn, resendVerification, showLogin } from './endpoints/token/log-in.endpoint.ts';
import { readJwks } from './endpoints/token/read-jwks.endpoint.ts';
import { readMe } from './endpoints/token/read-me.endpoint.ts';
import { readOpenIdConfiguration, readServerMetadata } from './endpoints/token/read-metadata.endpoint.ts';
import { registerAccount } from './endpoints/token/register-account.endpoint.ts';
import { revokeToken } from './endpoints/token/revoke-token.endpoint.ts';
import { accessDenied } from './events/access-denied.event.ts';
import { accountRegistered } from './events/account-registered.event.ts';
import { accountVerified } from './events/account-verified.event.ts';
import { auditEntriesRead } from './events/audit-entries-read.event.ts';
import { auditEntryRecorded } from './events/audit-entry-recorded.event.ts';
import { clientRefused } from './events/client-refused.event.ts';
import { emailFlowRequested } from './events/email-flow-requested.event.ts';
import { emailVerified } from './events/email-verified.event.ts';
import { grantCreated } from './events/grant-created.event.ts';
import { grantRefreshed } from './events/grant-refreshed.event.ts';
import { loginFailed } from './events/login-failed.event.ts';
import { requestsRefused } from './events/requests-refused.event.ts';
import { sessionStarted } from './events/session-started.event.ts';
import { tokenIssued } from './events/token-issued.event.ts';
import { tokenRevoked } from './events/token-revoked.event.ts';
import type { AnyEvent } from './define-event.ts';
import type { Endpoint } from './define-endpoint.ts';
import type { Permission } from './define-permission.ts';
import * as permissions from './permissions.ts';
import * as topics from './topics.ts';
import type { Topic, TopicFamily } from './define-topic.ts';

/** Every event, the only list: contracts are generated from it and consumers look types up in it. */
export const events: readonly AnyEvent[] = [
  accessDenied,
  accountRegistered,
  accountVerified,
  auditEntriesRead,
  auditEntryRecorded,
  clientRefused,
  emailFlowRequested,
  emailVerified,
  grantCreated,
  grantRefreshed,
  loginFailed,
  requestsRefused,
  sessionStarted,
  tokenIssued,
  tokenRevoked,
];

/** Every endpoint, the only list. */
export const endpoints: readonly Endpoint[] = [
  authorize,
  authorizeByForm,
  issueToken,
  listEntries,
  logIn,
  readEntry,
  readJwks,
  readMe,
  readOpenIdConfiguration,
  readServerMetadata,
  registerAccount,
  resendVerification,
  revokeToken,
  showLogin,
];

/** Every permission that an endpoint of Gatehouse can ask for. */
export const allPermissions: readonly Permission[] = Object.values(permissions);

/** Every topic, families spread out. */
export const allTopics: readonly Topic[] = Object.values(topics).flatMap((topic: Topic | TopicFamily) =>
  'partitions' in topic ? [topic] : Object.values(topic),
);

/** The event that a CloudEvents type and version name, or undefined where this build does not know it. */
export function findEvent(type: string, version: number): AnyEvent | undefined {
  return events.find((event) => event.type === type && event.version === version);
}
