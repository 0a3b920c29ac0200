import {
  baseUrl,
  defineConfig,
  durationMs,
  integer,
  secretKey,
  secretUrl,
  serviceSettings,
  setting,
  settings,
} from '@gatehouse/config';
import type { ConfigOf } from '@gatehouse/config';
import { dpopSettings, serviceClientSettings } from '@gatehouse/authn';
import { authorizationClientSettings } from '@gatehouse/authorization-client';
import { stateRedisSettings } from '@gatehouse/cache';
import { databaseSettings } from '@gatehouse/database';
import { kafkaSettings } from '@gatehouse/messaging';
import { telemetrySettings } from '@gatehouse/telemetry';
import { z } from 'zod';

const mailSettings = settings(
  {
    SMTP_URL: setting(secretUrl(['smtp:', 'smtps:']), {
      example: 'smtps://user:…@smtp.example.com:465',
      description: 'The mail server that takes our mails; smtp: uses STARTTLS where it is offered.',
    }),
    MAIL_FROM: setting(
      z
        .string()
        .regex(/^([^<>"\r\n]+ <[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/, 'must be one address, or Name <address>'),
      { example: 'Gatehouse <no-reply@example.com>', description: 'Sender of every mail.' },
    ),
    PUBLIC_VERIFICATION_URL: setting(baseUrl(), {
      example: 'https://verify.example.com',
      description: 'Base URL of the links in mails: where the public reaches this service.',
    }),
    EMAIL_CODE_HMAC_KEY: setting(secretKey(), {
      example: '44 characters of base64',
      description: 'Codes and link tokens are derived from it; another key makes all that were sent invalid.',
    }),
    MAIL_CONCURRENCY: setting(integer({ min: 1, max: 100 }).default(5), {
      example: '5',
      description: 'Connections of one replica to the mail server.',
    }),
    MAIL_TIMEOUT_MS: setting(durationMs({ min: 100, max: 60_000 }).default(20_000), {
      example: '20000',
      description: 'How long the mail server may take for one answer, in milliseconds.',
    }),
    MAIL_RETRY_FIRST_MS: setting(durationMs().default(60_000), {
      example: '60000',
      description: 'Pause after the first temporary refusal of a mail; it doubles with each.',
    }),
    MAIL_RETRY_MAX_MS: setting(durationMs().default(3_600_000), {
      example: '3600000',
      description: 'Longest pause between two attempts, in milliseconds.',
    }),
  },
  {
    hardening: (config) =>
      config.PUBLIC_VERIFICATION_URL.startsWith('https:') ? [] : ['PUBLIC_VERIFICATION_URL is not https'],
  },
);
export type MailSettings = ConfigOf<typeof mailSettings>;

export const config = defineConfig(
  serviceSettings({ port: 4004, adminPort: 4104 }),
  databaseSettings('EMAIL_VERIFICATION_DATABASE_URL'),
  kafkaSettings,
  stateRedisSettings,
  dpopSettings,
  telemetrySettings,
  serviceClientSettings,
  authorizationClientSettings,
  mailSettings,
);
export type EmailVerificationConfig = ConfigOf<typeof config>;
