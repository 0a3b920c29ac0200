export { allPermissions, allTopics, endpoints, events, findEvent } from './catalog.ts';
export { claimsRequest } from './claims-request.ts';
export type { ClaimsRequest } from './claims-request.ts';
export {
  clientAuthenticationMethods,
  clientMetadata,
  clientPolicy,
  contentEncryptions,
  grantTypes,
  keyEncryptions,
  signingAlgorithms,
} from './client-metadata.ts';
export type {
  ClientAuthenticationMethod,
  ClientMetadata,
  ClientPolicy,
  ContentEncryption,
  GrantType,
  KeyEncryption,
  SigningAlgorithm,
} from './client-metadata.ts';
export { defineEndpoint } from './define-endpoint.ts';
export type {
  Access,
  Endpoint,
  EndpointInput,
  InputOf,
  OAuthErrorCode,
  OutputOf,
  RequiredAuthentication,
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
export { problems } from './problems.ts';
export type { ProblemCode } from './problems.ts';
export { exchangePermission } from './exchange-permission.ts';
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
export { consentGiven } from './events/consent-given.event.ts';
export { deviceAuthorizationApproved } from './events/device-authorization-approved.event.ts';
export { deviceAuthorizationDenied } from './events/device-authorization-denied.event.ts';
export { deviceAuthorizationRequested } from './events/device-authorization-requested.event.ts';
export { backchannelLogoutDelivered } from './events/backchannel-logout-delivered.event.ts';
export { backchannelLogoutFailed } from './events/backchannel-logout-failed.event.ts';
export { backchannelLogoutRequeued } from './events/backchannel-logout-requeued.event.ts';
export { sessionChanged } from './events/session-changed.event.ts';
export { sessionEnded } from './events/session-ended.event.ts';
export { sessionStarted } from './events/session-started.event.ts';
export { tokenExchangeRefused } from './events/token-exchange-refused.event.ts';
export { tokenExchanged } from './events/token-exchanged.event.ts';
export { tokenIssued } from './events/token-issued.event.ts';
export {
  readAuditLogResourceMetadata,
  readAuthorizationResourceMetadata,
  readEmailVerificationResourceMetadata,
  readTokenResourceMetadata,
} from './endpoints/resource-metadata.endpoint.ts';
export type { ResourceMetadata } from './endpoints/resource-metadata.endpoint.ts';
export { authorize, authorizationParameters, authorizeByForm } from './endpoints/token/authorize.endpoint.ts';
export type { AuthorizationParameters } from './endpoints/token/authorize.endpoint.ts';
export { giveConsent, showConsent } from './endpoints/token/give-consent.endpoint.ts';
export { introspectToken } from './endpoints/token/introspect-token.endpoint.ts';
export { readUserinfo, readUserinfoByForm } from './endpoints/token/read-userinfo.endpoint.ts';
export { pushAuthorizationRequest } from './endpoints/token/push-authorization-request.endpoint.ts';
export type { PushedParameters } from './endpoints/token/push-authorization-request.endpoint.ts';
export { authorizeDevice } from './endpoints/token/authorize-device.endpoint.ts';
export { enterUserCode, showUserCodeForm } from './endpoints/token/enter-user-code.endpoint.ts';
export { confirmLogout, logOut, logOutByForm } from './endpoints/token/log-out.endpoint.ts';
export type { LogoutParameters } from './endpoints/token/log-out.endpoint.ts';
export { issueToken } from './endpoints/token/issue-token.endpoint.ts';
export type { TokenRequest } from './endpoints/token/issue-token.endpoint.ts';
export { logIn, resendVerification, showLogin } from './endpoints/token/log-in.endpoint.ts';
export { readJwks } from './endpoints/token/read-jwks.endpoint.ts';
export { readMe } from './endpoints/token/read-me.endpoint.ts';
export { readOpenIdConfiguration, readServerMetadata } from './endpoints/token/read-metadata.endpoint.ts';
export type { ServerMetadata } from './endpoints/token/read-metadata.endpoint.ts';
export { registerAccount } from './endpoints/token/register-account.endpoint.ts';
export { listRevocations, liveRevocation, REVOCATIONS_SCOPE } from './endpoints/token/list-revocations.endpoint.ts';
export type { LiveRevocation } from './endpoints/token/list-revocations.endpoint.ts';
export { revokeAll } from './endpoints/token/revoke-all.endpoint.ts';
export { revokeToken } from './endpoints/token/revoke-token.endpoint.ts';
export { addClientSecret } from './endpoints/token/add-client-secret.endpoint.ts';
export { changeClient } from './endpoints/token/change-client.endpoint.ts';
export { listConsents, revokeConsent } from './endpoints/token/consents.endpoint.ts';
export { createClient } from './endpoints/token/create-client.endpoint.ts';
export { createInitialAccessToken } from './endpoints/token/create-initial-access-token.endpoint.ts';
export { deleteClient } from './endpoints/token/delete-client.endpoint.ts';
export { disableClient } from './endpoints/token/disable-client.endpoint.ts';
export { enableClient } from './endpoints/token/enable-client.endpoint.ts';
export { listClients } from './endpoints/token/list-clients.endpoint.ts';
export { listLogoutDeliveries, requeueLogoutDelivery } from './endpoints/token/logout-deliveries.endpoint.ts';
export type { LogoutDeliveryResource, LogoutDeliveryState } from './endpoints/token/logout-deliveries.endpoint.ts';
export { listTokenGrants } from './endpoints/token/list-token-grants.endpoint.ts';
export { readClient } from './endpoints/token/read-client.endpoint.ts';
export {
  changeRegistration,
  deleteRegistration,
  readRegistration,
  registerClient,
} from './endpoints/token/register-client.endpoint.ts';
export { removeClientSecret } from './endpoints/token/remove-client-secret.endpoint.ts';
export { revokeAllOfAccount } from './endpoints/token/revoke-all-of-account.endpoint.ts';
export { revokeTokenGrant } from './endpoints/token/revoke-token-grant.endpoint.ts';
export { clientChanged } from './events/client-changed.event.ts';
export { clientDisabled } from './events/client-disabled.event.ts';
export { clientEnabled } from './events/client-enabled.event.ts';
export { clientRegistered } from './events/client-registered.event.ts';
export { clientRemoved } from './events/client-removed.event.ts';
export { clientSecretAdded } from './events/client-secret-added.event.ts';
export { clientSecretRemoved } from './events/client-secret-removed.event.ts';
export { initialAccessTokenCreated } from './events/initial-access-token-created.event.ts';
export { consentRevoked } from './events/consent-revoked.event.ts';
export type { ClientResource } from './endpoints/token/client-resource.ts';
export type { ClientInformation } from './endpoints/token/register-client.endpoint.ts';
export type { TokenGrantResource } from './endpoints/token/list-token-grants.endpoint.ts';
export type { ConsentResource } from './endpoints/token/consents.endpoint.ts';
export { auditEntriesRead } from './events/audit-entries-read.event.ts';
export { auditEntryRecorded } from './events/audit-entry-recorded.event.ts';
export { listEntries } from './endpoints/audit-log/list-entries.endpoint.ts';
export { readEntry } from './endpoints/audit-log/read-entry.endpoint.ts';
export { AUDIT_ENCODING, PLATFORM_LOG, auditEntry, auditLogId, disclosedValue } from './audit-entry.ts';
export type { AuditEntry, DisclosedValue } from './audit-entry.ts';
export { clientId, instant, uuid } from './input-values.ts';
export {
  displayName,
  effect,
  permissionName,
  permissionPattern,
  raisedEpochs,
  subject,
  userId,
} from './authorization-model.ts';
export type { RaisedEpochs, Subject } from './authorization-model.ts';
export { pageOf, pageQuery } from './paging.ts';
export { grantAdded } from './events/grant-added.event.ts';
export { grantChanged } from './events/grant-changed.event.ts';
export { grantRemoved } from './events/grant-removed.event.ts';
export { membershipAdded } from './events/membership-added.event.ts';
export { membershipChanged } from './events/membership-changed.event.ts';
export { membershipRemoved } from './events/membership-removed.event.ts';
export { organizationChanged } from './events/organization-changed.event.ts';
export { organizationCreated } from './events/organization-created.event.ts';
export { organizationDeleted } from './events/organization-deleted.event.ts';
export { permissionRegistered } from './events/permission-registered.event.ts';
export { roleChanged } from './events/role-changed.event.ts';
export { roleCreated } from './events/role-created.event.ts';
export { roleDeleted } from './events/role-deleted.event.ts';
export { addGrant } from './endpoints/authorization/add-grant.endpoint.ts';
export { addMembership } from './endpoints/authorization/add-membership.endpoint.ts';
export { changeGrant } from './endpoints/authorization/change-grant.endpoint.ts';
export { changeMembership } from './endpoints/authorization/change-membership.endpoint.ts';
export { changeOrganization } from './endpoints/authorization/change-organization.endpoint.ts';
export { changeRole } from './endpoints/authorization/change-role.endpoint.ts';
export { checkPermission } from './endpoints/authorization/check-permission.endpoint.ts';
export { createOrganization } from './endpoints/authorization/create-organization.endpoint.ts';
export { createRole } from './endpoints/authorization/create-role.endpoint.ts';
export { deleteOrganization } from './endpoints/authorization/delete-organization.endpoint.ts';
export { deleteRole } from './endpoints/authorization/delete-role.endpoint.ts';
export { listGrants } from './endpoints/authorization/list-grants.endpoint.ts';
export { listMemberships } from './endpoints/authorization/list-memberships.endpoint.ts';
export { listOrganizations } from './endpoints/authorization/list-organizations.endpoint.ts';
export { listPermissions } from './endpoints/authorization/list-permissions.endpoint.ts';
export { listRoles } from './endpoints/authorization/list-roles.endpoint.ts';
export { readGrant } from './endpoints/authorization/read-grant.endpoint.ts';
export { readMembership } from './endpoints/authorization/read-membership.endpoint.ts';
export { readOrganization } from './endpoints/authorization/read-organization.endpoint.ts';
export { readRole } from './endpoints/authorization/read-role.endpoint.ts';
export { registerPermission } from './endpoints/authorization/register-permission.endpoint.ts';
export { removeGrant } from './endpoints/authorization/remove-grant.endpoint.ts';
export { removeMembership } from './endpoints/authorization/remove-membership.endpoint.ts';
export type {
  GrantResource,
  MembershipResource,
  OrganizationResource,
  PermissionResource,
  RoleResource,
} from './endpoints/authorization/resources.ts';
export { confirmVerification } from './endpoints/email-verification/confirm-verification.endpoint.ts';
export { listMessages } from './endpoints/email-verification/list-messages.endpoint.ts';
export type { MessageState } from './endpoints/email-verification/list-messages.endpoint.ts';
export { readVerification } from './endpoints/email-verification/read-verification.endpoint.ts';
export { resendMail } from './endpoints/email-verification/resend-mail.endpoint.ts';
export { verificationCode } from './endpoints/email-verification/verification-input.ts';
export type { VerificationState } from './endpoints/email-verification/verification-input.ts';
export {
  confirmByCode,
  confirmByLink,
  resendFromPage,
  showCodePage,
  showLinkPage,
} from './endpoints/email-verification/verification-pages.endpoint.ts';
export { mailFailed } from './events/mail-failed.event.ts';
export { mailQueued } from './events/mail-queued.event.ts';
export { mailSent } from './events/mail-sent.event.ts';
export { verificationLocked } from './events/verification-locked.event.ts';
export { deadLetterDiscarded } from './events/dead-letter-discarded.event.ts';
export { deadLetterListed } from './events/dead-letter-listed.event.ts';
export { deadLetterReplayed } from './events/dead-letter-replayed.event.ts';
export { deadLetterShown } from './events/dead-letter-shown.event.ts';
export { offsetAccepted } from './events/offset-accepted.event.ts';
export { outboxRebased } from './events/outbox-rebased.event.ts';
export { signingKeyActivated } from './events/signing-key-activated.event.ts';
export { signingKeyCreated } from './events/signing-key-created.event.ts';
export { signingKeyRemoved } from './events/signing-key-removed.event.ts';
export { signingKeyRetired } from './events/signing-key-retired.event.ts';
export { signingKeyRevoked } from './events/signing-key-revoked.event.ts';
export { listSigningKeys } from './endpoints/token/list-signing-keys.endpoint.ts';
export { revokeSigningKey } from './endpoints/token/revoke-signing-key.endpoint.ts';
export { rotateSigningKeys } from './endpoints/token/rotate-signing-keys.endpoint.ts';
export {
  addResource,
  changeResource,
  listResources,
  readResource,
  removeResource,
} from './endpoints/token/resources.endpoint.ts';
export type { TokenResource } from './endpoints/token/resources.endpoint.ts';
export { resourceAdded } from './events/resource-added.event.ts';
export { resourceChanged } from './events/resource-changed.event.ts';
export { resourceRemoved } from './events/resource-removed.event.ts';
export { authorizationDetails } from './input-values.ts';
export { resourceDescription, resourceName } from './token-resource.ts';
export type { AuthorizationDetailsType, ResourceDescription } from './token-resource.ts';
export {
  addTrustedIssuer,
  changeTrustedIssuer,
  listTrustedIssuers,
  readTrustedIssuer,
  removeTrustedIssuer,
} from './endpoints/token/trusted-issuers.endpoint.ts';
export type { TrustedIssuerResource } from './endpoints/token/trusted-issuers.endpoint.ts';
export { trustedIssuerAdded } from './events/trusted-issuer-added.event.ts';
export { trustedIssuerChanged } from './events/trusted-issuer-changed.event.ts';
export { trustedIssuerRemoved } from './events/trusted-issuer-removed.event.ts';
export { trustedIssuerInput } from './trusted-issuer.ts';
export type { TrustedIssuerInput } from './trusted-issuer.ts';
