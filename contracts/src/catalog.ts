import { listEntries } from './endpoints/audit-log/list-entries.endpoint.ts';
import { readEntry } from './endpoints/audit-log/read-entry.endpoint.ts';
import { addGrant } from './endpoints/authorization/add-grant.endpoint.ts';
import { addMembership } from './endpoints/authorization/add-membership.endpoint.ts';
import { changeGrant } from './endpoints/authorization/change-grant.endpoint.ts';
import { changeMembership } from './endpoints/authorization/change-membership.endpoint.ts';
import { changeOrganization } from './endpoints/authorization/change-organization.endpoint.ts';
import { changeRole } from './endpoints/authorization/change-role.endpoint.ts';
import { checkPermission } from './endpoints/authorization/check-permission.endpoint.ts';
import { createOrganization } from './endpoints/authorization/create-organization.endpoint.ts';
import { createRole } from './endpoints/authorization/create-role.endpoint.ts';
import { deleteOrganization } from './endpoints/authorization/delete-organization.endpoint.ts';
import { deleteRole } from './endpoints/authorization/delete-role.endpoint.ts';
import { listGrants } from './endpoints/authorization/list-grants.endpoint.ts';
import { listMemberships } from './endpoints/authorization/list-memberships.endpoint.ts';
import { listOrganizations } from './endpoints/authorization/list-organizations.endpoint.ts';
import { listPermissions } from './endpoints/authorization/list-permissions.endpoint.ts';
import { listRoles } from './endpoints/authorization/list-roles.endpoint.ts';
import { readGrant } from './endpoints/authorization/read-grant.endpoint.ts';
import { readMembership } from './endpoints/authorization/read-membership.endpoint.ts';
import { readOrganization } from './endpoints/authorization/read-organization.endpoint.ts';
import { readRole } from './endpoints/authorization/read-role.endpoint.ts';
import { registerPermission } from './endpoints/authorization/register-permission.endpoint.ts';
import { removeGrant } from './endpoints/authorization/remove-grant.endpoint.ts';
import { removeMembership } from './endpoints/authorization/remove-membership.endpoint.ts';
import {
  readAuditLogResourceMetadata,
  readAuthorizationResourceMetadata,
  readEmailVerificationResourceMetadata,
  readTokenResourceMetadata,
} from './endpoints/resource-metadata.endpoint.ts';
import { authorize, authorizeByForm } from './endpoints/token/authorize.endpoint.ts';
import { giveConsent, showConsent } from './endpoints/token/give-consent.endpoint.ts';
import { introspectToken } from './endpoints/token/introspect-token.endpoint.ts';
import { readUserinfo, readUserinfoByForm } from './endpoints/token/read-userinfo.endpoint.ts';
import { pushAuthorizationRequest } from './endpoints/token/push-authorization-request.endpoint.ts';
import { authorizeDevice } from './endpoints/token/authorize-device.endpoint.ts';
import { enterUserCode, showUserCodeForm } from './endpoints/token/enter-user-code.endpoint.ts';
import { confirmLogout, logOut, logOutByForm } from './endpoints/token/log-out.endpoint.ts';
import { issueToken } from './endpoints/token/issue-token.endpoint.ts';
import { listRevocations } from './endpoints/token/list-revocations.endpoint.ts';
import { logIn, resendVerification, showLogin } from './endpoints/token/log-in.endpoint.ts';
import { readJwks } from './endpoints/token/read-jwks.endpoint.ts';
import { readMe } from './endpoints/token/read-me.endpoint.ts';
import { readOpenIdConfiguration, readServerMetadata } from './endpoints/token/read-metadata.endpoint.ts';
import { registerAccount } from './endpoints/token/register-account.endpoint.ts';
import { revokeAll } from './endpoints/token/revoke-all.endpoint.ts';
import { revokeToken } from './endpoints/token/revoke-token.endpoint.ts';
import { listSigningKeys } from './endpoints/token/list-signing-keys.endpoint.ts';
import { revokeSigningKey } from './endpoints/token/revoke-signing-key.endpoint.ts';
import { rotateSigningKeys } from './endpoints/token/rotate-signing-keys.endpoint.ts';
import { accessDenied } from './events/access-denied.event.ts';
import { accountRegistered } from './events/account-registered.event.ts';
import { accountVerified } from './events/account-verified.event.ts';
import { auditEntriesRead } from './events/audit-entries-read.event.ts';
import { auditEntryRecorded } from './events/audit-entry-recorded.event.ts';
import { clientRefused } from './events/client-refused.event.ts';
import { deadLetterDiscarded } from './events/dead-letter-discarded.event.ts';
import { deadLetterListed } from './events/dead-letter-listed.event.ts';
import { deadLetterReplayed } from './events/dead-letter-replayed.event.ts';
import { deadLetterShown } from './events/dead-letter-shown.event.ts';
import { emailFlowRequested } from './events/email-flow-requested.event.ts';
import { emailVerified } from './events/email-verified.event.ts';
import { grantAdded } from './events/grant-added.event.ts';
import { grantChanged } from './events/grant-changed.event.ts';
import { grantCreated } from './events/grant-created.event.ts';
import { grantRefreshed } from './events/grant-refreshed.event.ts';
import { grantRemoved } from './events/grant-removed.event.ts';
import { loginFailed } from './events/login-failed.event.ts';
import { membershipAdded } from './events/membership-added.event.ts';
import { membershipChanged } from './events/membership-changed.event.ts';
import { membershipRemoved } from './events/membership-removed.event.ts';
import { organizationChanged } from './events/organization-changed.event.ts';
import { organizationCreated } from './events/organization-created.event.ts';
import { organizationDeleted } from './events/organization-deleted.event.ts';
import { offsetAccepted } from './events/offset-accepted.event.ts';
import { outboxRebased } from './events/outbox-rebased.event.ts';
import { permissionRegistered } from './events/permission-registered.event.ts';
import { requestsRefused } from './events/requests-refused.event.ts';
import { roleChanged } from './events/role-changed.event.ts';
import { roleCreated } from './events/role-created.event.ts';
import { roleDeleted } from './events/role-deleted.event.ts';
import { consentGiven } from './events/consent-given.event.ts';
import { deviceAuthorizationApproved } from './events/device-authorization-approved.event.ts';
import { deviceAuthorizationDenied } from './events/device-authorization-denied.event.ts';
import { deviceAuthorizationRequested } from './events/device-authorization-requested.event.ts';
import { backchannelLogoutDelivered } from './events/backchannel-logout-delivered.event.ts';
import { backchannelLogoutFailed } from './events/backchannel-logout-failed.event.ts';
import { backchannelLogoutRequeued } from './events/backchannel-logout-requeued.event.ts';
import { sessionChanged } from './events/session-changed.event.ts';
import { sessionEnded } from './events/session-ended.event.ts';
import { sessionStarted } from './events/session-started.event.ts';
import { signingKeyActivated } from './events/signing-key-activated.event.ts';
import { signingKeyCreated } from './events/signing-key-created.event.ts';
import { signingKeyRemoved } from './events/signing-key-removed.event.ts';
import { signingKeyRetired } from './events/signing-key-retired.event.ts';
import { signingKeyRevoked } from './events/signing-key-revoked.event.ts';
import { tokenExchangeRefused } from './events/token-exchange-refused.event.ts';
import { tokenExchanged } from './events/token-exchanged.event.ts';
import { tokenIssued } from './events/token-issued.event.ts';
import { tokenRevoked } from './events/token-revoked.event.ts';
import { confirmVerification } from './endpoints/email-verification/confirm-verification.endpoint.ts';
import { listMessages } from './endpoints/email-verification/list-messages.endpoint.ts';
import { readVerification } from './endpoints/email-verification/read-verification.endpoint.ts';
import { resendMail } from './endpoints/email-verification/resend-mail.endpoint.ts';
import {
  confirmByCode,
  confirmByLink,
  resendFromPage,
  showCodePage,
  showLinkPage,
} from './endpoints/email-verification/verification-pages.endpoint.ts';
import { mailFailed } from './events/mail-failed.event.ts';
import { mailQueued } from './events/mail-queued.event.ts';
import { mailSent } from './events/mail-sent.event.ts';
import { verificationLocked } from './events/verification-locked.event.ts';
import { addClientSecret } from './endpoints/token/add-client-secret.endpoint.ts';
import { changeClient } from './endpoints/token/change-client.endpoint.ts';
import { listConsents, revokeConsent } from './endpoints/token/consents.endpoint.ts';
import { createClient } from './endpoints/token/create-client.endpoint.ts';
import { createInitialAccessToken } from './endpoints/token/create-initial-access-token.endpoint.ts';
import { deleteClient } from './endpoints/token/delete-client.endpoint.ts';
import { disableClient } from './endpoints/token/disable-client.endpoint.ts';
import { enableClient } from './endpoints/token/enable-client.endpoint.ts';
import { listClients } from './endpoints/token/list-clients.endpoint.ts';
import { listTokenGrants } from './endpoints/token/list-token-grants.endpoint.ts';
import { listLogoutDeliveries, requeueLogoutDelivery } from './endpoints/token/logout-deliveries.endpoint.ts';
import { readClient } from './endpoints/token/read-client.endpoint.ts';
import {
  changeRegistration,
  deleteRegistration,
  readRegistration,
  registerClient,
} from './endpoints/token/register-client.endpoint.ts';
import { removeClientSecret } from './endpoints/token/remove-client-secret.endpoint.ts';
import { revokeAllOfAccount } from './endpoints/token/revoke-all-of-account.endpoint.ts';
import { revokeTokenGrant } from './endpoints/token/revoke-token-grant.endpoint.ts';
import { clientChanged } from './events/client-changed.event.ts';
import { clientDisabled } from './events/client-disabled.event.ts';
import { clientEnabled } from './events/client-enabled.event.ts';
import { clientRegistered } from './events/client-registered.event.ts';
import { clientRemoved } from './events/client-removed.event.ts';
import { clientSecretAdded } from './events/client-secret-added.event.ts';
import { clientSecretRemoved } from './events/client-secret-removed.event.ts';
import { initialAccessTokenCreated } from './events/initial-access-token-created.event.ts';
import { consentRevoked } from './events/consent-revoked.event.ts';
import {
  addResource,
  changeResource,
  listResources,
  readResource,
  removeResource,
} from './endpoints/token/resources.endpoint.ts';
import { resourceAdded } from './events/resource-added.event.ts';
import { resourceChanged } from './events/resource-changed.event.ts';
import { resourceRemoved } from './events/resource-removed.event.ts';
import {
  addTrustedIssuer,
  changeTrustedIssuer,
  listTrustedIssuers,
  readTrustedIssuer,
  removeTrustedIssuer,
} from './endpoints/token/trusted-issuers.endpoint.ts';
import { trustedIssuerAdded } from './events/trusted-issuer-added.event.ts';
import { trustedIssuerChanged } from './events/trusted-issuer-changed.event.ts';
import { trustedIssuerRemoved } from './events/trusted-issuer-removed.event.ts';
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
  clientChanged,
  clientDisabled,
  clientEnabled,
  clientRefused,
  clientRegistered,
  clientRemoved,
  clientSecretAdded,
  clientSecretRemoved,
  deadLetterDiscarded,
  deadLetterListed,
  deadLetterReplayed,
  deadLetterShown,
  emailFlowRequested,
  emailVerified,
  grantAdded,
  grantChanged,
  grantCreated,
  grantRefreshed,
  grantRemoved,
  initialAccessTokenCreated,
  loginFailed,
  mailFailed,
  mailQueued,
  mailSent,
  membershipAdded,
  membershipChanged,
  membershipRemoved,
  organizationChanged,
  organizationCreated,
  organizationDeleted,
  offsetAccepted,
  outboxRebased,
  permissionRegistered,
  requestsRefused,
  roleChanged,
  roleCreated,
  roleDeleted,
  consentGiven,
  consentRevoked,
  deviceAuthorizationApproved,
  deviceAuthorizationDenied,
  deviceAuthorizationRequested,
  backchannelLogoutDelivered,
  backchannelLogoutFailed,
  backchannelLogoutRequeued,
  sessionChanged,
  sessionEnded,
  sessionStarted,
  signingKeyActivated,
  signingKeyCreated,
  signingKeyRemoved,
  signingKeyRetired,
  signingKeyRevoked,
  tokenExchangeRefused,
  tokenExchanged,
  tokenIssued,
  tokenRevoked,
  resourceAdded,
  resourceChanged,
  resourceRemoved,
  trustedIssuerAdded,
  trustedIssuerChanged,
  trustedIssuerRemoved,
  verificationLocked,
];

/** Every endpoint, the only list. */
export const endpoints: readonly Endpoint[] = [
  addGrant,
  addMembership,
  authorize,
  authorizeByForm,
  changeGrant,
  changeMembership,
  changeOrganization,
  changeRole,
  checkPermission,
  confirmByCode,
  confirmByLink,
  confirmVerification,
  createOrganization,
  createRole,
  deleteOrganization,
  deleteRole,
  authorizeDevice,
  enterUserCode,
  showUserCodeForm,
  confirmLogout,
  logOut,
  logOutByForm,
  issueToken,
  pushAuthorizationRequest,
  listEntries,
  listGrants,
  listMemberships,
  listMessages,
  listOrganizations,
  listPermissions,
  listRevocations,
  listRoles,
  giveConsent,
  introspectToken,
  readUserinfo,
  readUserinfoByForm,
  showConsent,
  listSigningKeys,
  logIn,
  readEntry,
  readGrant,
  readJwks,
  readMe,
  readMembership,
  readOpenIdConfiguration,
  readOrganization,
  readRole,
  readAuditLogResourceMetadata,
  readAuthorizationResourceMetadata,
  readEmailVerificationResourceMetadata,
  readTokenResourceMetadata,
  readServerMetadata,
  readVerification,
  registerAccount,
  registerPermission,
  removeGrant,
  removeMembership,
  resendFromPage,
  resendMail,
  resendVerification,
  revokeSigningKey,
  revokeAll,
  revokeToken,
  rotateSigningKeys,
  addClientSecret,
  changeClient,
  changeRegistration,
  createClient,
  createInitialAccessToken,
  deleteClient,
  deleteRegistration,
  disableClient,
  enableClient,
  listClients,
  listConsents,
  listLogoutDeliveries,
  listTokenGrants,
  readClient,
  readRegistration,
  registerClient,
  removeClientSecret,
  revokeConsent,
  requeueLogoutDelivery,
  revokeAllOfAccount,
  revokeTokenGrant,
  showCodePage,
  showLinkPage,
  showLogin,
  addResource,
  changeResource,
  listResources,
  readResource,
  removeResource,
  addTrustedIssuer,
  changeTrustedIssuer,
  listTrustedIssuers,
  readTrustedIssuer,
  removeTrustedIssuer,
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
