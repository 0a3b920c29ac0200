import { Module, type DynamicModule } from '@nestjs/common';
import { AuthnModule } from '@gatehouse/authn';
import { AuthorizationAccessPolicy, AuthorizationClientModule } from '@gatehouse/authorization-client';
import { RedisModule } from '@gatehouse/cache';
import { DatabaseModule } from '@gatehouse/database';
import { MessagingModule } from '@gatehouse/messaging';
import type { EmailVerificationConfig } from './config.ts';
import { ConfirmVerificationController } from './confirm-verification/confirm-verification.controller.ts';
import { ConfirmVerification } from './confirm-verification/confirm-verification.ts';
import { VerificationPagesController } from './confirm-verification/verification-pages.controller.ts';
import { CredentialKey } from './domain/credentials.ts';
import { ListMessagesController } from './list-messages/list-messages.controller.ts';
import { OnEmailFlowRequested } from './on-email-flow-requested/on-email-flow-requested.ts';
import { operator } from './operator.ts';
import { QueueMail } from './queue-mail.ts';
import { ReadVerificationController } from './read-verification/read-verification.controller.ts';
import { ResendMailController } from './resend-mail/resend-mail.controller.ts';
import { ResendMail } from './resend-mail/resend-mail.ts';
import { MailSender, SendCapacity } from './send-mail/mail-sender.ts';
import { MailServer } from './send-mail/mail-server.ts';
import { Mailer } from './send-mail/mailer.ts';
import { SendMail, SendPolicy } from './send-mail/send-mail.ts';
import { SmtpMailer } from './send-mail/smtp-mailer.ts';
import { SendSignal } from './send-signal.ts';
import { PostgresSendQueue } from './store/postgres-send-queue.ts';
import { PostgresVerifications } from './store/postgres-verifications.ts';
import { SendQueue } from './store/send-queue.ts';
import { Verifications } from './store/verifications.ts';

/** The composition root: the only list of the service's slices and adapters. */
@Module({})
export class AppModule {
  static register(config: EmailVerificationConfig): DynamicModule {
    return {
      module: AppModule,
      imports: infrastructure(config),
      controllers: [
        OnEmailFlowRequested,
        ConfirmVerificationController,
        VerificationPagesController,
        ReadVerificationController,
        ResendMailController,
        ListMessagesController,
      ],
      providers: [
        ConfirmVerification,
        ResendMail,
        QueueMail,
        SendSignal,
        SendMail,
        MailSender,
        { provide: MailServer, useFactory: (mailer: Mailer) => new MailServer(mailer), inject: [Mailer] },
        { provide: Verifications, useClass: PostgresVerifications },
        { provide: SendQueue, useClass: PostgresSendQueue },
        { provide: Mailer, useValue: mailerOf(config) },
        {
          provide: CredentialKey,
          useValue: new CredentialKey(Buffer.from(config.EMAIL_CODE_HMAC_KEY.reveal(), 'base64')),
        },
        { provide: SendCapacity, useValue: { concurrency: config.MAIL_CONCURRENCY } satisfies SendCapacity },
        { provide: SendPolicy, useValue: sendPolicyOf(config) },
      ],
    };
  }
}

function infrastructure(config: EmailVerificationConfig): DynamicModule[] {
  return [
    DatabaseModule.register({
      url: config.EMAIL_VERIFICATION_DATABASE_URL,
      applicationName: operator.service,
      entities: operator.entities,
      migrations: operator.migrations,
      poolSize: config.DATABASE_POOL_SIZE,
      constraints: {},
    }),
    MessagingModule.register({ service: operator.service, kafka: config, consumes: true }),
    RedisModule.forState(operator.service, config, { required: false }),
    AuthnModule.register({
      issuer: config.ISSUER,
      audience: config.SERVICE_URL,
      stateRedisUrl: config.STATE_REDIS_URL,
      resource: { service: operator.service, url: config.SERVICE_URL },
      dpop: { service: operator.service, url: config.SERVICE_URL, settings: config },
      policy: AuthorizationAccessPolicy,
      serviceClient: { clientId: config.SERVICE_CLIENT_ID, clientSecret: config.SERVICE_CLIENT_SECRET },
    }),
    AuthorizationClientModule.register({ url: config.AUTHORIZATION_URL }),
  ];
}

function mailerOf(config: EmailVerificationConfig): Mailer {
  return new SmtpMailer({
    url: config.SMTP_URL,
    from: config.MAIL_FROM,
    connections: config.MAIL_CONCURRENCY,
    timeoutMs: config.MAIL_TIMEOUT_MS,
  });
}

function sendPolicyOf(config: EmailVerificationConfig): SendPolicy {
  return {
    publicUrl: config.PUBLIC_VERIFICATION_URL,
    backoff: { firstMs: config.MAIL_RETRY_FIRST_MS, maxMs: config.MAIL_RETRY_MAX_MS },
  };
}
