import { definePermission } from './define-permission.ts';
import { exchangePermission } from './exchange-permission.ts';

export const organizationsCreate = definePermission({
  name: 'organizations:create',
  summary: 'Create organisations, and list all of them.',
  scope: 'platform',
});
export const permissionsRegister = definePermission({
  name: 'permissions:register',
  summary: 'Add permissions of applications to the catalog.',
  scope: 'platform',
});
export const authorizationCheck = definePermission({
  name: 'authorization:check',
  summary: 'Ask whether a subject has a permission.',
  scope: 'platform',
});
export const auditReadAll = definePermission({
  name: 'audit:read-all',
  summary: 'Read the platform log and the logs of all organisations.',
  scope: 'platform',
});
export const organizationRead = definePermission({
  name: 'organization:read',
  summary: 'Read the organisation, its roles, memberships and grants.',
  scope: 'organization',
});
export const organizationWrite = definePermission({
  name: 'organization:write',
  summary: 'Change or delete the organisation.',
  scope: 'organization',
});
export const rolesWrite = definePermission({
  name: 'roles:write',
  summary: 'Create, change and delete roles.',
  scope: 'organization',
});
export const membershipsWrite = definePermission({
  name: 'memberships:write',
  summary: 'Add, change and remove members.',
  scope: 'organization',
});
export const grantsWrite = definePermission({
  name: 'grants:write',
  summary: 'Give and take roles and permissions.',
  scope: 'organization',
});
export const auditRead = definePermission({
  name: 'audit:read',
  summary: "Read the organisation's audit log.",
  scope: 'organization',
});
export const mailRead = definePermission({
  name: 'mail:read',
  summary: 'See which mails were sent, and which could not be.',
  scope: 'platform',
});
export const signingKeysManage = definePermission({
  name: 'signing-keys:manage',
  summary: 'See the keys that sign tokens, replace and revoke them.',
  scope: 'platform',
});
export const clientRead = definePermission({
  name: 'client:read',
  summary: 'Read OAuth clients.',
  scope: 'platform',
});
export const clientManage = definePermission({
  name: 'client:manage',
  summary: 'Register, change, disable and delete OAuth clients, and let others register.',
  scope: 'platform',
});
export const tokenGrantRead = definePermission({
  name: 'token-grant:read',
  summary: 'See which clients hold tokens of which accounts.',
  scope: 'platform',
});
export const tokenGrantRevoke = definePermission({
  name: 'token-grant:revoke',
  summary: 'End what a client holds for an account, with all its tokens.',
  scope: 'platform',
});
export const logoutDeliveryRead = definePermission({
  name: 'logout-delivery:read',
  summary: 'See which clients were told of which logouts, and which could not be.',
  scope: 'platform',
});
export const logoutDeliveryRequeue = definePermission({
  name: 'logout-delivery:requeue',
  summary: 'Have clients told of a logout that could not be told before.',
  scope: 'platform',
});
export const exchangeForToken = definePermission({
  name: exchangePermission('token'),
  summary: 'Exchange tokens for ones that the service token takes.',
  scope: 'platform',
});
export const exchangeForAuthorization = definePermission({
  name: exchangePermission('authorization'),
  summary: 'Exchange tokens for ones that the service authorization takes.',
  scope: 'platform',
});
export const exchangeForAuditLog = definePermission({
  name: exchangePermission('audit-log'),
  summary: 'Exchange tokens for ones that the service audit-log takes.',
  scope: 'platform',
});
export const exchangeForEmailVerification = definePermission({
  name: exchangePermission('email-verification'),
  summary: 'Exchange tokens for ones that the service email-verification takes.',
  scope: 'platform',
});
export const tokenImpersonate = definePermission({
  name: 'token:impersonate',
  summary: "Exchange others' tokens without being itself the actor that the new ones name.",
  scope: 'platform',
});
export const trustedIssuerRead = definePermission({
  name: 'trusted-issuer:read',
  summary: 'See whose workload identities are accepted, and for which clients.',
  scope: 'platform',
});
export const trustedIssuerManage = definePermission({
  name: 'trusted-issuer:manage',
  summary: 'Trust issuers of workload identities, change and remove them.',
  scope: 'platform',
});
export const resourceRead = definePermission({
  name: 'resource:read',
  summary: 'See which services tokens can be issued for, with their scopes.',
  scope: 'platform',
});
export const resourceManage = definePermission({
  name: 'resource:manage',
  summary: 'Add, change and remove the services that tokens can be issued for.',
  scope: 'platform',
});
