import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { AuthnModule } from '@gatehouse/authn';
import { DatabaseModule } from '@gatehouse/database';
import { Cookies, CsrfProtection } from '@gatehouse/http';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { MessagingModule } from '@gatehouse/messaging';
import { AuthorizeController } from './authorize/authorize.controller.ts';
import { Authorize } from './authorize/authorize.ts';
import { AuthorizeDeviceController } from './authorize-device/authorize-device.controller.ts';
import { AuthorizeDevice } from './authorize-device/authorize-device.ts';
import { Clock, SystemClock } from './clock.ts';
import { TokenSettings, type TokenConfig } from './config.ts';
import { EnterUserCodeController } from './enter-user-code/enter-user-code.controller.ts';
import { EnterUserCode } from './enter-user-code/enter-user-code.ts';
import { tokenGrants } from './issue-token/grants.ts';
import { IssueTokenController } from './issue-token/issue-token.controller.ts';
import { IssueToken } from './issue-token/issue-token.ts';
import type { TokenGrant } from './issue-token/token-grant.ts';
import { LogInController } from './log-in/log-in.controller.ts';
import { LogIn } from './log-in/log-in.ts';
import { ResendVerification } from './log-in/resend-verification.ts';
import { LogOutController } from './log-out/log-out.controller.ts';
import { LogOut } from './log-out/log-out.ts';
import { OnEmailVerified } from './on-email-verified/on-email-verified.ts';
import { operator } from './operator.ts';
import { PasswordHasher } from './password-hasher.ts';
import { Browser } from './protocol/browser.ts';
import { ClientAuthentication } from './protocol/client-authentication.ts';
import { CodeIssuer } from './protocol/code-issuer.ts';
import { DecideDevice } from './give-consent/decide-device.ts';
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
import { NewGrants } from './protocol/new-grants.ts';
import { Revoker } from './protocol/revoker.ts';
import { TokenIssuer } from './protocol/token-issuer.ts';
import { PublishMetadataController } from './publish-metadata/publish-metadata.controller.ts';
import { PushAuthorizationRequestController } from './push-authorization-request/push-authorization-request.controller.ts';
import { PushAuthorizationRequest } from './push-authorization-request/push-authorization-request.ts';
import { ReadMeController } from './read-me/read-me.controller.ts';
import { RegisterAccountController } from './register-account/register-account.controller.ts';
import { RegisterAccount } from './register-account/register-account.ts';
import { RevokeTokenController } from './revoke-token/revoke-token.controller.ts';
import { RevokeToken } from './revoke-token/revoke-token.ts';
import { Accounts } from './store/accounts.ts';
import { AuthorizationCodes } from './store/authorization-codes.ts';
import { AuthorizationRequests } from './store/authorization-requests.ts';
import { Clients } from './store/clients.ts';
import { DeviceAuthorizations } from './store/device-authorizations.ts';
import { ExpiredRows } from './store/expired-rows.ts';
import { Grants } from './store/grants.ts';
import { PostgresAccounts } from './store/postgres-accounts.ts';
import { PostgresAuthorizationCodes } from './store/postgres-authorization-codes.ts';
import { PostgresAuthorizationRequests } from './store/postgres-authorization-requests.ts';
import { PostgresClients } from './store/postgres-clients.ts';
import { PostgresDeviceAuthorizations } from './store/postgres-device-authorizations.ts';
import { PostgresWrongUserCodes } from './store/postgres-wrong-user-codes.ts';
import { WrongUserCodes } from './store/wrong-user-codes.ts';
import { PostgresExpiredRows } from './store/postgres-expired-rows.ts';
import { PostgresGrants } from './store/postgres-grants.ts';
import { PostgresRevocations } from './store/postgres-revocations.ts';
import { PostgresSessions } from './store/postgres-sessions.ts';
import { PostgresSigningKeys } from './store/postgres-signing-keys.ts';
import { PostgresPushedRequests } from './store/postgres-pushed-requests.ts';
import { PushedRequests } from './store/pushed-requests.ts';
import { Revocations } from './store/revocations.ts';
import { Sessions } from './store/sessions.ts';
import { SigningKeys } from './store/signing-keys.ts';
import { SweepExpired } from './sweep-expired/sweep-expired.ts';

const slices = [
  IntrospectToken,
  Authorize,
  AuthorizeDevice,
  DecideDevice,
  EnterUserCode,
  GiveConsent,
  LogIn,
  LogOut,
  PushAuthorizationRequest,
  ResendVerification,
  RegisterAccount,
  RevokeToken,
  SweepExpired,
  ...tokenGrants,
];

const protocol = [
  Browser,
  ClientAuthentication,
  CodeIssuer,
  GrantTokens,
  IdTokenHint,
  NewGrants,
  NextInteraction,
  Revoker,
  TokenIssuer,
];

const store: Provider[] = [
  { provide: Accounts, useClass: PostgresAccounts },
  { provide: AuthorizationCodes, useClass: PostgresAuthorizationCodes },
  { provide: AuthorizationRequests, useClass: PostgresAuthorizationRequests },
  { provide: Clients, useClass: PostgresClients },
  { provide: Consents, useClass: PostgresConsents },
  { provide: DeviceAuthorizations, useClass: PostgresDeviceAuthorizations },
  { provide: ExpiredRows, useClass: PostgresExpiredRows },
  { provide: Grants, useClass: PostgresGrants },
  { provide: PushedRequests, useClass: PostgresPushedRequests },
  { provide: Revocations, useClass: PostgresRevocations },
  { provide: Sessions, useClass: PostgresSessions },
  { provide: WrongUserCodes, useClass: PostgresWrongUserCodes },
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
        AuthorizeController,
        AuthorizeDeviceController,
        EnterUserCodeController,
        GiveConsentController,
        IntrospectTokenController,
        IssueTokenController,
        LogInController,
        LogOutController,
        OnEmailVerified,
        PublishMetadataController,
        PushAuthorizationRequestController,
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
    }),
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
