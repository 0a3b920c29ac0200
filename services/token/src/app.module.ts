import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { AuthnModule } from '@gatehouse/authn';
import { AuthorizationAccessPolicy, AuthorizationClientModule } from '@gatehouse/authorization-client';
import { RedisModule } from '@gatehouse/cache';
import { DatabaseModule } from '@gatehouse/database';
import { REVOCATIONS_SCOPE } from '@gatehouse/contracts';
import { Cookies, CsrfProtection } from '@gatehouse/http';
import { MessagingModule } from '@gatehouse/messaging';
import { OutboundClient } from '@gatehouse/outbound';
import { RateLimitModule } from '@gatehouse/rate-limit';
import { AuthorizeDeviceController } from './authorize-device/authorize-device.controller.ts';
import { AuthorizeDevice } from './authorize-device/authorize-device.ts';
import { AuthorizeController } from './authorize/authorize.controller.ts';
import { Authorize } from './authorize/authorize.ts';
import { AddClientSecret } from './clients/add-client-secret.ts';
import { ChangeClient } from './clients/change-client.ts';
import { CreateClient } from './clients/create-client.ts';
import { CreateInitialAccessToken } from './clients/create-initial-access-token.ts';
import { DeleteClient } from './clients/delete-client.ts';
import { DisableClient } from './clients/disable-client.ts';
import { EnableClient } from './clients/enable-client.ts';
import { ListClients } from './clients/list-clients.ts';
import { ReadClient } from './clients/read-client.ts';
import { RemoveClientSecret } from './clients/remove-client-secret.ts';
import { ClockModule } from './clock.module.ts';
import { TokenSettings, type TokenConfig } from './config.ts';
import { ListConsents } from './consents/list-consents.ts';
import { RevokeConsent } from './consents/revoke-consent.ts';
import { DeliverLogout } from './deliver-logout/deliver-logout.ts';
import { LogoutSender } from './deliver-logout/logout-sender.ts';
import { EnterUserCodeController } from './enter-user-code/enter-user-code.controller.ts';
import { EnterUserCode } from './enter-user-code/enter-user-code.ts';
import { FollowClients } from './follow-clients/follow-clients.ts';
import { tokenGrants } from './issue-token/grants.ts';
import { ListRevocationsController } from './list-revocations/list-revocations.controller.ts';
import { IssueTokenController } from './issue-token/issue-token.controller.ts';
import { IssueToken } from './issue-token/issue-token.ts';
import type { TokenGrant } from './issue-token/token-grant.ts';
import { ListSigningKeysController } from './list-signing-keys/list-signing-keys.controller.ts';
import { LogInController } from './log-in/log-in.controller.ts';
import { LogIn } from './log-in/log-in.ts';
import { ResendVerification } from './log-in/resend-verification.ts';
import { ListLogoutDeliveries } from './logout-deliveries/list-logout-deliveries.ts';
import { RequeueLogoutDelivery } from './logout-deliveries/requeue-logout-delivery.ts';
import { LogOutController } from './log-out/log-out.controller.ts';
import { LogOut } from './log-out/log-out.ts';
import { OnEmailVerified } from './on-email-verified/on-email-verified.ts';
import { OnSigningKeyChanged } from './on-signing-key-changed/on-signing-key-changed.ts';
import { ownScopes } from './domain/scope.ts';
import { operator } from './operator.ts';
import { PasswordHasher } from './password-hasher.ts';
import { ClientAssertions } from './protocol/client-assertions.ts';
import { ClientCertificates } from './protocol/client-certificates.ts';
import { ClientIdDocuments } from './protocol/client-id-documents.ts';
import { ClientKeys } from './protocol/client-keys.ts';
import { Browser } from './protocol/browser.ts';
import { ClientAuthentication } from './protocol/client-authentication.ts';
import { ClientSecrets } from './protocol/client-secrets.ts';
import { ClientRegistry } from './protocol/client-registry.ts';
import { CodeIssuer } from './protocol/code-issuer.ts';
import { DecideDevice } from './give-consent/decide-device.ts';
import { GiveConsent } from './give-consent/give-consent.ts';
import { GiveConsentController } from './give-consent/give-consent.controller.ts';
import { IntrospectToken } from './introspect-token/introspect-token.ts';
import { IntrospectTokenController } from './introspect-token/introspect-token.controller.ts';
import { ReadUserinfoController } from './read-userinfo/read-userinfo.controller.ts';
import { IdTokenHint } from './protocol/id-token-hint.ts';
import { NextInteraction } from './protocol/next-interaction.ts';
import { NextPages } from './protocol/next-page.ts';
import { Consents } from './store/consents.ts';
import { PostgresConsents } from './store/postgres-consents.ts';
import { GrantTokens } from './protocol/grant-tokens.ts';
import { KeyRing } from './protocol/key-ring.ts';
import { OwnRevocations } from './protocol/own-revocations.ts';
import { RevocationAnnouncer } from './protocol/revocation-announcer.ts';
import { EncryptedResponses } from './protocol/encrypted-responses.ts';
import { SectorIdentifiers } from './protocol/sector-identifiers.ts';
import { SubjectIdentifiers } from './protocol/subject-identifiers.ts';
import { ProofOfPossession } from './protocol/proof-of-possession.ts';
import { NewGrants } from './protocol/new-grants.ts';
import { RequestObjects } from './protocol/request-objects.ts';
import { Revoker } from './protocol/revoker.ts';
import { SigningKeysModule } from './protocol/signing-keys.module.ts';
import { PresentedTokens } from './protocol/presented-tokens.ts';
import { LogoutSignal } from './protocol/logout-signal.ts';
import { SessionEnder } from './protocol/session-ender.ts';
import { TokenIssuer } from './protocol/token-issuer.ts';
import { TokenLimits } from './protocol/token-limits.ts';
import { WorkloadAssertions } from './protocol/workload-assertions.ts';
import { PublishMetadataController } from './publish-metadata/publish-metadata.controller.ts';
import { PushAuthorizationRequestController } from './push-authorization-request/push-authorization-request.controller.ts';
import { PushAuthorizationRequest } from './push-authorization-request/push-authorization-request.ts';
import { ReadMeController } from './read-me/read-me.controller.ts';
import { RegisterAccountController } from './register-account/register-account.controller.ts';
import { RegisterAccount } from './register-account/register-account.ts';
import { RevokeSigningKeyController } from './revoke-signing-key/revoke-signing-key.controller.ts';
import { RevokeSigningKey } from './revoke-signing-key/revoke-signing-key.ts';
import { RevokeAllOfAccountController } from './revoke-all/revoke-all-of-account.controller.ts';
import { RevokeAllController } from './revoke-all/revoke-all.controller.ts';
import { RevokeAll } from './revoke-all/revoke-all.ts';
import { ResealClientSecrets } from './reseal-client-secrets/reseal-client-secrets.ts';
import { ManageRegistration } from './register-client/manage-registration.ts';
import { RegisterClientController } from './register-client/register-client.controller.ts';
import { RegisterClient } from './register-client/register-client.ts';
import { RevokeTokenController } from './revoke-token/revoke-token.controller.ts';
import { RevokeToken } from './revoke-token/revoke-token.ts';
import { RotateSigningKeysController } from './rotate-signing-keys/rotate-signing-keys.controller.ts';
import { Accounts } from './store/accounts.ts';
import { AuthorizationCodes } from './store/authorization-codes.ts';
import { AuthorizationRequests } from './store/authorization-requests.ts';
import { ClientDocuments } from './store/client-documents.ts';
import { ClientRecords } from './store/client-records.ts';
import { Clients } from './store/clients.ts';
import { DeviceAuthorizations } from './store/device-authorizations.ts';
import { ExpiredRows } from './store/expired-rows.ts';
import { Grants } from './store/grants.ts';
import { PostgresAccounts } from './store/postgres-accounts.ts';
import { PostgresAuthorizationCodes } from './store/postgres-authorization-codes.ts';
import { PostgresAuthorizationRequests } from './store/postgres-authorization-requests.ts';
import { InitialAccessTokens } from './store/initial-access-tokens.ts';
import { PostgresClientDocuments } from './store/postgres-client-documents.ts';
import { PostgresClientRecords } from './store/postgres-client-records.ts';
import { PostgresClients } from './store/postgres-clients.ts';
import { PostgresDeviceAuthorizations } from './store/postgres-device-authorizations.ts';
import { PostgresWrongUserCodes } from './store/postgres-wrong-user-codes.ts';
import { WrongUserCodes } from './store/wrong-user-codes.ts';
import { LogoutDeliveries } from './store/logout-deliveries.ts';
import { PostgresLogoutDeliveries } from './store/postgres-logout-deliveries.ts';
import { PostgresExpiredRows } from './store/postgres-expired-rows.ts';
import { PostgresGrants } from './store/postgres-grants.ts';
import { PostgresInitialAccessTokens } from './store/postgres-initial-access-tokens.ts';
import { PostgresRevocations } from './store/postgres-revocations.ts';
import { PostgresSessions } from './store/postgres-sessions.ts';
import { RefreshTokenPartitions } from './store/refresh-token-partitions.ts';
import { PostgresRefreshTokenPartitions } from './store/postgres-refresh-token-partitions.ts';
import { PostgresPushedRequests } from './store/postgres-pushed-requests.ts';
import { PushedRequests } from './store/pushed-requests.ts';
import { PostgresTrustedIssuers } from './store/postgres-trusted-issuers.ts';
import { Revocations } from './store/revocations.ts';
import { Sessions } from './store/sessions.ts';
import { TrustedIssuers } from './store/trusted-issuers.ts';
import { PostgresResources } from './store/postgres-resources.ts';
import { ResourceRecords } from './store/resources.ts';
import { AddResource } from './resources/add-resource.ts';
import { ChangeResource } from './resources/change-resource.ts';
import { ListResources } from './resources/list-resources.ts';
import { ReadResource } from './resources/read-resource.ts';
import { RemoveResource } from './resources/remove-resource.ts';
import { FollowResources } from './follow-resources/follow-resources.ts';
import { FollowSessions } from './follow-sessions/follow-sessions.ts';
import { KnownResources } from './protocol/known-resources.ts';
import { ResourceRegistry } from './protocol/resource-registry.ts';
import { TokenTargets } from './protocol/token-targets.ts';
import { ListTokenGrants } from './token-grants/list-token-grants.ts';
import { RevokeTokenGrant } from './token-grants/revoke-token-grant.ts';
import { SweepExpired } from './sweep-expired/sweep-expired.ts';
import { AddTrustedIssuer } from './trusted-issuers/add-trusted-issuer.ts';
import { ChangeTrustedIssuer } from './trusted-issuers/change-trusted-issuer.ts';
import { ListTrustedIssuers } from './trusted-issuers/list-trusted-issuers.ts';
import { ReadTrustedIssuer } from './trusted-issuers/read-trusted-issuer.ts';
import { RemoveTrustedIssuer } from './trusted-issuers/remove-trusted-issuer.ts';
import { DescribedTrustedIssuer } from './trusted-issuers/described-trusted-issuer.ts';

const clientApi = [
  AddClientSecret,
  ChangeClient,
  CreateClient,
  CreateInitialAccessToken,
  DeleteClient,
  DisableClient,
  EnableClient,
  ListClients,
  ReadClient,
  RemoveClientSecret,
];
const trustedIssuerApi = [
  AddTrustedIssuer,
  ChangeTrustedIssuer,
  ListTrustedIssuers,
  ReadTrustedIssuer,
  RemoveTrustedIssuer,
];
const resourceApi = [AddResource, ChangeResource, ListResources, ReadResource, RemoveResource, FollowResources];
const grantApi = [ListConsents, ListTokenGrants, RevokeConsent, RevokeTokenGrant];

const slices = [
  DescribedTrustedIssuer,
  ManageRegistration,
  RegisterClient,
  IntrospectToken,
  Authorize,
  AuthorizeDevice,
  DecideDevice,
  DeliverLogout,
  EnterUserCode,
  GiveConsent,
  LogIn,
  LogOut,
  LogoutSender,
  PushAuthorizationRequest,
  ResendVerification,
  RegisterAccount,
  ResealClientSecrets,
  RevokeSigningKey,
  RevokeAll,
  RevokeToken,
  SweepExpired,
  ...tokenGrants,
];

const protocol = [
  Browser,
  ClientAssertions,
  ClientAuthentication,
  ClientCertificates,
  ClientIdDocuments,
  ClientKeys,
  ClientRegistry,
  ClientSecrets,
  CodeIssuer,
  EncryptedResponses,
  GrantTokens,
  IdTokenHint,
  KnownResources,
  LogoutSignal,
  NewGrants,
  NextInteraction,
  NextPages,
  RequestObjects,
  RevocationAnnouncer,
  PresentedTokens,
  ProofOfPossession,
  ResourceRegistry,
  Revoker,
  SectorIdentifiers,
  SessionEnder,
  TokenIssuer,
  TokenLimits,
  TokenTargets,
  WorkloadAssertions,
];

const store: Provider[] = [
  { provide: Accounts, useClass: PostgresAccounts },
  { provide: AuthorizationCodes, useClass: PostgresAuthorizationCodes },
  { provide: AuthorizationRequests, useClass: PostgresAuthorizationRequests },
  { provide: ClientDocuments, useClass: PostgresClientDocuments },
  { provide: ClientRecords, useClass: PostgresClientRecords },
  { provide: Clients, useClass: PostgresClients },
  { provide: Consents, useClass: PostgresConsents },
  { provide: DeviceAuthorizations, useClass: PostgresDeviceAuthorizations },
  { provide: ExpiredRows, useClass: PostgresExpiredRows },
  { provide: Grants, useClass: PostgresGrants },
  { provide: InitialAccessTokens, useClass: PostgresInitialAccessTokens },
  { provide: LogoutDeliveries, useClass: PostgresLogoutDeliveries },
  { provide: PushedRequests, useClass: PostgresPushedRequests },
  { provide: ResourceRecords, useClass: PostgresResources },
  { provide: RefreshTokenPartitions, useClass: PostgresRefreshTokenPartitions },
  { provide: Sessions, useClass: PostgresSessions },
  { provide: WrongUserCodes, useClass: PostgresWrongUserCodes },
  { provide: TrustedIssuers, useClass: PostgresTrustedIssuers },
];

/** The composition root: the only list of the service's slices and adapters. */
@Module({})
export class AppModule {
  static register(config: TokenConfig): DynamicModule {
    const settings = new TokenSettings(config);
    const signingKeys = SigningKeysModule.register(settings);
    const subjects = SubjectsModule.register(settings);
    return {
      module: AppModule,
      imports: [
        ...infrastructure(config, signingKeys, subjects),
        signingKeys,
        subjects,
        RevocationsModule,
        ClockModule,
      ],
      controllers: [
        ...clientApi,
        ...grantApi,
        ...trustedIssuerApi,
        ...resourceApi,
        FollowClients,
        FollowSessions,
        RegisterClientController,
        AuthorizeController,
        AuthorizeDeviceController,
        EnterUserCodeController,
        GiveConsentController,
        IntrospectTokenController,
        IssueTokenController,
        ListSigningKeysController,
        ListRevocationsController,
        ListLogoutDeliveries,
        RequeueLogoutDelivery,
        LogInController,
        LogOutController,
        OnEmailVerified,
        OnSigningKeyChanged,
        PublishMetadataController,
        PushAuthorizationRequestController,
        ReadMeController,
        ReadUserinfoController,
        RegisterAccountController,
        RevokeSigningKeyController,
        RevokeAllController,
        RevokeAllOfAccountController,
        RevokeTokenController,
        RotateSigningKeysController,
      ],
      providers: [
        ...slices,
        ...protocol,
        ...store,
        ...configured(config),
        { provide: TokenSettings, useValue: settings },
        {
          provide: IssueToken,
          useFactory: (...grants: TokenGrant[]) => new IssueToken(grants),
          inject: [...tokenGrants],
        },
      ],
    };
  }
}

/** The revocations apart, because authentication needs them too. */
@Module({
  imports: [ClockModule],
  providers: [{ provide: Revocations, useClass: PostgresRevocations }, OwnRevocations],
  exports: [Revocations, OwnRevocations],
})
class RevocationsModule {}

/** What clients call accounts apart, because authentication needs it too. */
@Module({})
class SubjectsModule {
  static register(settings: TokenSettings): DynamicModule {
    const identifiers = { provide: SubjectIdentifiers, useValue: new SubjectIdentifiers(settings) };
    return { module: SubjectsModule, providers: [identifiers], exports: [SubjectIdentifiers] };
  }
}

function infrastructure(config: TokenConfig, signingKeys: DynamicModule, subjects: DynamicModule): DynamicModule[] {
  return [
    DatabaseModule.register({
      url: config.TOKEN_DATABASE_URL,
      applicationName: operator.service,
      entities: operator.entities,
      migrations: operator.migrations,
      poolSize: config.DATABASE_POOL_SIZE,
      constraints: { trusted_issuer_issuer_key: 'already-exists', resource_url_key: 'already-exists' },
    }),
    MessagingModule.register({ service: operator.service, kafka: config, consumes: true }),
    // Limits go on without it, in each instance by itself.
    RedisModule.forState(operator.service, config, { required: false }),
    RateLimitModule.register(operator.service, config),
    // Our own tokens, verified with our own keys: no request to ourselves.
    AuthnModule.register({
      issuer: config.ISSUER,
      audience: config.ISSUER,
      keySource: KeyRing,
      imports: [signingKeys, RevocationsModule, subjects],
      subjectSource: SubjectIdentifiers,
      revocationSource: OwnRevocations,
      stateRedisUrl: config.STATE_REDIS_URL,
      policy: AuthorizationAccessPolicy,
      resource: { service: operator.service, url: config.ISSUER, scopes: [...ownScopes, REVOCATIONS_SCOPE] },
      dpop: { service: operator.service, url: [config.ISSUER, config.MTLS_URL ?? []].flat(), settings: config },
      serviceClient: { clientId: config.SERVICE_CLIENT_ID, clientSecret: config.SERVICE_CLIENT_SECRET },
    }),
    AuthorizationClientModule.register({ url: config.AUTHORIZATION_URL }),
  ];
}

function configured(config: TokenConfig): Provider[] {
  const cookies = new Cookies(config.ISSUER);
  const limits = { concurrency: config.PASSWORD_HASH_CONCURRENCY, queue: config.PASSWORD_HASH_QUEUE };
  return [
    { provide: Cookies, useValue: cookies },
    { provide: OutboundClient, useValue: new OutboundClient({ allowed: config.OUTBOUND_ALLOWED }) },
    { provide: CsrfProtection, useValue: new CsrfProtection(config.COOKIE_KEY, cookies) },
    { provide: PasswordHasher, useFactory: () => new PasswordHasher(limits) },
  ];
}
