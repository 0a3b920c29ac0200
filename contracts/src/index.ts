export { allPermissions, allTopics, endpoints, events, findEvent } from './catalog.ts';
export { defineEndpoint } from './define-endpoint.ts';
export type {
  Access,
  Endpoint,
  EndpointInput,
  InputOf,
  OAuthErrorCode,
  OutputOf,
  RequiredPermission,
  ResponseBody,
} from './define-endpoint.ts';
export { defineEvent, defineFact, topicOf, topicsOf } from './define-event.ts';
export type {
  AnyChangeEvent,
  AnyEvent,
  AnyFactEvent,
  AuditView,
  ChangeEvent,
  DataOf,
  FactEvent,
} from './define-event.ts';
export { definePermission } from './define-permission.ts';
export type { Permission, PermissionName } from './define-permission.ts';
export { defineTopic, defineTopicFamily, services } from './define-topic.ts';
export type { Service, Topic, TopicFamily } from './define-topic.ts';
export { eventContext } from './event-context.ts';
export type { EventContext } from './event-context.ts';
export { PLATFORM_ORGANIZATION_ID } from './platform-organization.ts';
export { personal, personalFields } from './personal.ts';
export { oauthErrorBody, problemBody } from './problem-body.ts';
export type { OAuthErrorBody, ProblemBody } from './problem-body.ts';
export { problems } from './problems.ts';
export type { ProblemCode } from './problems.ts';
export * from './permissions.ts';
export * from './topics.ts';
export { accessDenied } from './events/access-denied.event.ts';
export { accountRegistered } from './events/account-registered.event.ts';
export { accountVerified } from './events/account-verified.event.ts';
export { emailFlowRequested } from './events/email-flow-requested.event.ts';
export { emailVerified } from './events/email-verified.event.ts';
export { requestsRefused } from './events/requests-refused.event.ts';
export { tokenRevoked } from './events/token-revoked.event.ts';
export { clientRefused } from './events/client-refused.event.ts';
export { grantCreated } from './events/grant-created.event.ts';
export { grantRefreshed } from './events/grant-refreshed.event.ts';
export { loginFailed } from './events/login-failed.event.ts';
export { sessionStarted } from './events/session-started.event.ts';
export { tokenIssued } from './events/token-issued.event.ts';
export { authorize, authorizeByForm } from './endpoints/token/authorize.endpoint.ts';
export type { AuthorizationParameters } from './endpoints/token/authorize.endpoint.ts';
export { issueToken } from './endpoints/token/issue-token.endpoint.ts';
export type { TokenRequest } from './endpoints/token/issue-token.endpoint.ts';
export { logIn, resendVerification, showLogin } from './endpoints/token/log-in.endpoint.ts';
export { readJwks } from './endpoints/token/read-jwks.endpoint.ts';
export { readMe } from './endpoints/token/read-me.endpoint.ts';
export { readOpenIdConfiguration, readServerMetadata } from './endpoints/token/read-metadata.endpoint.ts';
export type { ServerMetadata } from './endpoints/token/read-metadata.endpoint.ts';
export { registerAccount } from './endpoints/token/register-account.endpoint.ts';
export { revokeToken } from './endpoints/token/revoke-token.endpoint.ts';
export { auditEntriesRead } from './events/audit-entries-read.event.ts';
export { auditEntryRecorded } from './events/audit-entry-recorded.event.ts';
export { listEntries } from './endpoints/audit-log/list-entries.endpoint.ts';
export { readEntry } from './endpoints/audit-log/read-entry.endpoint.ts';
export { AUDIT_ENCODING, PLATFORM_LOG, auditEntry, disclosedValue } from './audit-entry.ts';
export type { AuditEntry, DisclosedValue } from './audit-entry.ts';
