import { Accounts1795392100000 } from './accounts.migration.ts';
import { AuthorizationDetails1795392100071 } from './authorization-details.migration.ts';
import { Authorization1795392100002 } from './authorization.migration.ts';
import { ClientMetadata1795392100004 } from './client-metadata.migration.ts';
import { ClientRegistration1795392100040 } from './client-registration.migration.ts';
import { BoundGrants1795392100006 } from './bound-grants.migration.ts';
import { CertificateBoundGrants1795392100091 } from './certificate-bound-grants.migration.ts';
import { ClientDocuments1795392100092 } from './client-documents.migration.ts';
import { Clients1795392100001 } from './clients.migration.ts';
import { DeviceAuthorizationDetails1795392100072 } from './device-authorization-details.migration.ts';
import { DeviceAuthorizations1795392100051 } from './device-authorizations.migration.ts';
import { Grants1795392100003 } from './grants.migration.ts';
import { Logout1795392100052 } from './logout.migration.ts';
import { LogoutDeliveries1795392100053 } from './logout-deliveries.migration.ts';
import { OpenIdRequests1795392100005 } from './openid-requests.migration.ts';
import { Resources1795392100070 } from './resources.migration.ts';
import { SigningKeys1795392100010 } from './signing-keys.migration.ts';
import { RefreshTokenPartitions1795392100060 } from './refresh-token-partitions.migration.ts';
import { Revocations1795392100030 } from './revocations.migration.ts';
import { PushedRequests1795392100050 } from './pushed-requests.migration.ts';
import { SealedClientSecrets1795392100090 } from './sealed-client-secrets.migration.ts';
import { TrustedIssuers1795600100000 } from './trusted-issuers.migration.ts';

/** The token service's own tables, in order. */
export const tokenMigrations = [
  Accounts1795392100000,
  Clients1795392100001,
  Authorization1795392100002,
  Grants1795392100003,
  ClientMetadata1795392100004,
  OpenIdRequests1795392100005,
  BoundGrants1795392100006,
  SigningKeys1795392100010,
  Revocations1795392100030,
  ClientRegistration1795392100040,
  PushedRequests1795392100050,
  DeviceAuthorizations1795392100051,
  Logout1795392100052,
  Resources1795392100070,
  AuthorizationDetails1795392100071,
  SealedClientSecrets1795392100090,
  CertificateBoundGrants1795392100091,
  ClientDocuments1795392100092,
  TrustedIssuers1795600100000,
  LogoutDeliveries1795392100053,
  RefreshTokenPartitions1795392100060,
  DeviceAuthorizationDetails1795392100072,
] as const;
