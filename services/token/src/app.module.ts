import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { AuthnModule } from '@gatehouse/authn';
import { AuthorizationAccessPolicy, AuthorizationClientModule } from '@gatehouse/authorization-client';
import { DatabaseModule } from '@gatehouse/database';
import { Cookies, CsrfProtection } from '@gatehouse/http';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { MessagingModule } from '@gatehouse/messaging';
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
import { Clock, SystemClock } from './clock.ts';
import { TokenSettings, type TokenConfig } from './config.ts';
import { ListConsents } from './consents/list-consents.ts';
import { RevokeConsent } from './consents/revoke-consent.ts';
import { FollowClients } from './follow-clients/follow-clients.ts';
import { tokenGrants } from './issue-token/grants.ts';
import { IssueTokenController } from './issue-token/issue-token.controller.ts';
import { IssueToken } from './issue-token/issue-token.ts';
import type { TokenGrant } from './issue-token/token-grant.ts';
import { LogInController } from './log-in/log-in.controller.ts';
import { LogIn } from './log-in/log-in.ts';
import { ResendVerification } from './log-in/resend-verification.ts';
import { OnEmailVerified } from './on-email-verified/on-email-verified.ts';
import { operator } from './operator.ts';
import { PasswordHasher } from './password-hasher.ts';
import { Browser } from './protocol/browser.ts';
import { ClientAuthentication } from './protocol/client-authentication.ts';
import { ClientRegistry } from './protocol/client-registry.ts';
import { CodeIssuer } from './protocol/code-issuer.ts';
import { GiveConsent } from './give-consent/give-consent.ts';
import { GiveConsentController } from './give-consent/give-consent.controller.ts';
import { IntrospectToken } from './introspect-token/introspect-token.ts';
import { IntrospectTokenController } from './introspect-token/introspect-token.controller.ts';
import { ReadUserinfoController } from './read-userinfo/read-userinfo.controller.ts';
import { IdTokenHint } from './protocol/id-token-hint.ts';
import { NextInteraction } from './protocol/next-interaction.ts';
import { Consents } from './store/consents.ts';
import { PostgresConsents } from './store/postgres-consents.ts';
import { GrantTokens } from './protocol/grant-tokens.ts';
import { KeyRing } from './protocol/key-ring.ts';
import { Revoker } from './protocol/revoker.ts';
import { TokenIssuer } from './protocol/token-issuer.ts';
import { PublishMetadataController } from './publish-metadata/publish-metadata.controller.ts';
import { ReadMeController } from './read-me/read-me.controller.ts';
import { RegisterAccountController } from './register-account/register-account.controller.ts';
import { RegisterAccount } from './register-account/register-account.ts';
import { ManageRegistration } from './register-client/manage-registration.ts';
import { RegisterClientController } from './register-client/register-client.controller.ts';
import { RegisterClient } from './register-client/register-client.ts';
import { RevokeTokenController } from './revoke-token/revoke-token.controller.ts';
import { RevokeToken } from './revoke-token/revoke-token.ts';
import { Accounts } from './store/accounts.ts';
import { AuthorizationCodes } from './store/authorization-codes.ts';
import { AuthorizationRequests } from './store/authorization-requests.ts';
import { ClientRecords } from './store/client-records.ts';
import { Clients } from './store/clients.ts';
import { ExpiredRows } from './store/expired-rows.ts';
import { Grants } from './store/grants.ts';
import { PostgresAccounts } from './store/postgres-accounts.ts';
import { PostgresAuthorizationCodes } from './store/postgres-authorization-codes.ts';
import { PostgresAuthorizationRequests } from './store/postgres-authorization-requests.ts';
import { InitialAccessTokens } from './store/initial-access-tokens.ts';
import { PostgresClientRecords } from './store/postgres-client-records.ts';
import { PostgresClients } from './store/postgres-clients.ts';
import { PostgresExpiredRows } from './store/postgres-expired-rows.ts';
import { PostgresGrants } from './store/postgres-grants.ts';
import { PostgresInitialAccessTokens } from './store/postgres-initial-access-tokens.ts';
import { PostgresRevocations } from './store/postgres-revocations.ts';
import { PostgresSessions } from './store/postgres-sessions.ts';
import { PostgresSigningKeys } from './store/postgres-signing-keys.ts';
import { Revocations } from './store/revocations.ts';
import { Sessions } from './store/sessions.ts';
import { SigningKeys } from './store/signing-keys.ts';
import { ListTokenGrants } from './token-grants/list-token-grants.ts';
import { RevokeTokenGrant } from './token-grants/revoke-token-grant.ts';
import { SweepExpired } from './sweep-expired/sweep-expired.ts';

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
const grantApi = [ListConsents, ListTokenGrants, RevokeConsent, RevokeTokenGrant];

const slices = [
  ManageRegistration,
  RegisterClient,
  IntrospectToken,
  Authorize,
  GiveConsent,
  LogIn,
  ResendVerification,
  RegisterAccount,
  RevokeToken,
  SweepExpired,
  ...tokenGrants,
];

const protocol = [
  Browser,
  ClientAuthentication,
  ClientRegistry,
  CodeIssuer,
  GrantTokens,
  IdTokenHint,
  NextInteraction,
  Revoker,
  TokenIssuer,
];

const store: Provider[] = [
  { provide: Accounts, useClass: PostgresAccounts },
  { provide: AuthorizationCodes, useClass: PostgresAuthorizationCodes },
  { provide: AuthorizationRequests, useClass: PostgresAuthorizationRequests },
  { provide: ClientRecords, useClass: PostgresClientRecords },
  { provide: Clients, useClass: PostgresClients },
  { provide: Consents, useClass: PostgresConsents },
  { provide: ExpiredRows, useClass: PostgresExpiredRows },
  { provide: Grants, useClass: PostgresGrants },
  { provide: InitialAccessTokens, useClass: PostgresInitialAccessTokens },
  { provide: Revocations, useClass: PostgresRevocations },
  { provide: Sessions, useClass: PostgresSessions },
];

/** The composition root: the only list of the service's slices and adapters. */
@Module({})
export class AppModule {
  static register(config: TokenConfig): DynamicModule {
    const settings = new TokenSettings(config);
    const signingKeys = SigningKeysModule.register(settings);
    return {
      module: AppModule,
      imports: [...infrastructure(config, signingKeys), signingKeys],
      controllers: [
        ...clientApi,
        ...grantApi,
        FollowClients,
        RegisterClientController,
        AuthorizeController,
        GiveConsentController,
        IntrospectTokenController,
        IssueTokenController,
        LogInController,
        OnEmailVerified,
        PublishMetadataController,
        ReadMeController,
        ReadUserinfoController,
        RegisterAccountController,
        RevokeTokenController,
      ],
      providers: [
        ...slices,
        ...protocol,
        ...store,
        ...configured(config),
        { provide: TokenSettings, useValue: settings },
        { provide: Clock, useClass: SystemClock },
        {
          provide: IssueToken,
          useFactory: (...grants: TokenGrant[]) => new IssueToken(grants),
          inject: [...tokenGrants],
        },
      ],
    };
  }
}

/** The signing keys apart, because authentication needs them too. */
@Module({})
class SigningKeysModule {
  static register({ masterKey }: TokenSettings): DynamicModule {
    return {
      module: SigningKeysModule,
      providers: [
        { provide: SigningKeys, useClass: PostgresSigningKeys },
        {
          provide: KeyRing,
          useFactory: (keys: SigningKeys, health: Health, shutdown: Shutdown) =>
            new KeyRing(keys, masterKey, health, shutdown),
          inject: [SigningKeys, Health, Shutdown],
        },
      ],
      exports: [KeyRing],
    };
  }
}

function infrastructure(config: TokenConfig, signingKeys: DynamicModule): DynamicModule[] {
  return [
    DatabaseModule.register({
      url: config.TOKEN_DATABASE_URL,
      applicationName: operator.service,
      entities: operator.entities,
      migrations: operator.migrations,
      poolSize: config.DATABASE_POOL_SIZE,
      constraints: {},
    }),
    MessagingModule.register({ service: operator.service, kafka: config, consumes: true }),
    // Our own tokens, verified with our own keys: no request to ourselves.
    AuthnModule.register({
      issuer: config.ISSUER,
      audience: config.ISSUER,
      keySource: KeyRing,
      imports: [signingKeys],
      policy: AuthorizationAccessPolicy,
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
    { provide: CsrfProtection, useValue: new CsrfProtection(config.COOKIE_KEY, cookies) },
    { provide: PasswordHasher, useFactory: () => new PasswordHasher(limits) },
  ];
}
