import { dpopSettings, serviceClientSettings } from '@gatehouse/authn';
import { authorizationClientSettings } from '@gatehouse/authorization-client';
import { stateRedisSettings } from '@gatehouse/cache';
import { databaseSettings } from '@gatehouse/database';
import {
  baseUrl,
  defineConfig,
  durationMs,
  flag,
  integer,
  listOf,
  oneOf,
  secret,
  secretKey,
  serviceSettings,
  setting,
  settings,
  type ConfigOf,
  type Secret,
} from '@gatehouse/config';
import {
  clientId,
  clientMetadata,
  grantTypes,
  resourceDescription,
  resourceName,
  uuid,
  type ClientMetadata,
} from '@gatehouse/contracts';
import { kafkaSettings } from '@gatehouse/messaging';
import { outboundSettings } from '@gatehouse/outbound';
import { rateLimitSettings } from '@gatehouse/rate-limit';
import { telemetrySettings } from '@gatehouse/telemetry';
import { z } from 'zod';
import type { KeyPolicy } from './domain/key-lifecycle.ts';
import { successorKeyOf } from './domain/refresh-rotation.ts';
import { ISSUER_RESOURCE } from './domain/resource.ts';
import type { MutualTls } from './domain/tls-client-registration.ts';
import { pairwiseKeysOf, type PairwiseKeys } from './domain/subject-identifier.ts';
import { signingAlgorithms } from '@gatehouse/contracts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `name=url`: the service of that name, and its base URL, which is the audience of its tokens. */
const resource = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}=/, 'must be name=url pairs')
  .transform((text): [name: string, url: string] => [
    text.slice(0, text.indexOf('=')),
    text.slice(text.indexOf('=') + 1),
  ])
  .pipe(z.tuple([z.string(), baseUrl()]));

const signingAlgorithmList = listOf(oneOf(signingAlgorithms))
  .refine((list) => list.includes('ES256'), 'must name ES256, which access tokens are signed with')
  .refine((list) => new Set(list).size === list.length, 'must name each algorithm once');

/** What the signing keys need to know; the operator's command reads it too. */
export const signingKeySettings = settings({
  SIGNING_KEY_ENCRYPTION_KEY: setting(secretKey({ bytes: 32 }), {
    example: 'q83v…',
    description: 'Seals the private signing keys in the database, and derives successors of refresh tokens.',
  }),
  SIGNING_KEY_PREVIOUS_ENCRYPTION_KEYS: setting(listOf(secretKey({ bytes: 32 })).default([]), {
    example: 'W7kd…',
    description:
      'Further such keys that still open what they have sealed, while SIGNING_KEY_ENCRYPTION_KEY is replaced.',
  }),
  SIGNING_ALGORITHMS: setting(signingAlgorithmList.default([...signingAlgorithms]), {
    example: 'ES256,RS256,PS256,EdDSA',
    description: 'What tokens can be signed with: ES256, and what clients may choose for their ID tokens.',
  }),
  SIGNING_KEY_LIFETIME_MS: setting(durationMs({ min: HOUR_MS, max: 400 * DAY_MS }).default(30 * DAY_MS), {
    example: '2592000000',
    description: 'How long a key signs before the next takes over, in milliseconds; counts from the next key on.',
  }),
});
export type SigningKeyConfig = ConfigOf<typeof signingKeySettings>;

const tokenSettings = settings(
  {
    RESOURCES: setting(listOf(resource), {
      example: 'authorization=https://authz.example.com,audit-log=https://audit.example.com',
      description:
        'Services that tokens can be issued for (RFC 8707), beside the issuer itself and those of /api/v1/resources.',
    }),
    COOKIE_KEY: setting(secret({ minLength: 32 }), { example: 'w1zK…', description: 'Signs the tokens of forms.' }),
    PAIRWISE_SUBJECT_KEY: setting(secretKey({ bytes: 32 }).optional(), {
      example: 'b3Jk…',
      description:
        'What pairwise subjects are made with (OIDC Core 8.1); another key makes strangers of all. Without it there are none.',
    }),
    SESSION_LIFETIME_MS: setting(durationMs({ max: 30 * DAY_MS }).default(DAY_MS / 2), {
      example: '43200000',
      description: 'How long a login lasts in its browser, in milliseconds.',
    }),
    GRANT_LIFETIME_MS: setting(durationMs({ max: 400 * DAY_MS }).default(90 * DAY_MS), {
      example: '7776000000',
      description: 'How long a client may refresh its tokens before the person must log in again, in milliseconds.',
    }),
    REFRESH_TOKEN_LIFETIME_MS: setting(durationMs({ max: 400 * DAY_MS }).default(30 * DAY_MS), {
      example: '2592000000',
      description: 'How long a refresh token may lie unused, in milliseconds.',
    }),
    REFRESH_GRACE_MS: setting(durationMs({ min: 0, max: 120_000 }).default(30_000), {
      example: '30000',
      description: 'How long a used refresh token still answers with its successor, for retries, in milliseconds.',
    }),
    PASSWORD_HASH_CONCURRENCY: setting(integer({ min: 1, max: 64 }).default(2), {
      example: '2',
      description: 'Passwords hashed at the same time; each takes a core, 19 MiB and 20 ms.',
    }),
    CLIENT_REGISTRATION: setting(oneOf(['open', 'initial_access_token', 'closed']).default('closed'), {
      example: 'initial_access_token',
      description:
        'Who may register clients dynamically (RFC 7591): anyone, holders of an initial access token, or nobody.',
    }),
    CLIENT_REGISTRATION_PKCE_REQUIRED: setting(flag().default(true), {
      example: 'true',
      description: 'Whether confidential clients that register themselves must use PKCE; public ones always must.',
    }),
    CLIENT_ID_METADATA_DOCUMENTS: setting(flag().default(false), {
      example: 'true',
      description: 'Whether an https URL is a client id, of whatever client the document there describes.',
    }),
    MTLS_URL: setting(baseUrl().optional(), {
      example: 'https://mtls.id.example.com',
      description: 'Where clients reach the service with their certificates (RFC 8705 5), if not at ISSUER.',
    }),
    PASSWORD_HASH_QUEUE: setting(integer({ min: 0, max: 10_000 }).default(64), {
      example: '64',
      description: 'Passwords that may wait for their turn; beyond, the answer is 503 with Retry-After.',
    }),
  },
  {
    hardening: ({ CLIENT_REGISTRATION: registration }) =>
      registration === 'open' ? ['CLIENT_REGISTRATION lets anyone register clients'] : [],
  },
);

/** Every setting of the token service, keyed by its environment variable. */
export const tokenConfig = defineConfig(
  serviceSettings({ port: 4001, adminPort: 4101 }),
  telemetrySettings,
  databaseSettings('TOKEN_DATABASE_URL'),
  kafkaSettings,
  stateRedisSettings,
  rateLimitSettings,
  outboundSettings,
  serviceClientSettings,
  authorizationClientSettings,
  signingKeySettings,
  dpopSettings,
  tokenSettings,
);
export type TokenConfig = ConfigOf<typeof tokenConfig>;

/** The settings as the code names them. */
export class TokenSettings {
  readonly issuer: string;
  /** The URLs of the services of the setting RESOURCES, by name. */
  readonly declaredResources: ReadonlyMap<string, string>;
  readonly sessionLifetimeMs: number;
  readonly grantLifetimeMs: number;
  readonly refreshTokenLifetimeMs: number;
  readonly refreshGraceMs: number;
  readonly masterKey: Buffer;
  /** What sealed before `masterKey`, and still has to be opened. */
  readonly previousMasterKeys: readonly Buffer[];
  readonly signingKeys: KeyPolicy;
  /**
   * What successors of refresh tokens are derived with, the current key first. After a rotation of the master key a retry
   * within the grace window still has to get the successor that it was given before, so the previous keys follow.
   */
  readonly successorKeys: readonly [current: Buffer, ...previous: Buffer[]];
  /** Null where there are public subjects only. */
  readonly pairwiseKeys: PairwiseKeys | null;
  readonly subjectTypes: readonly ClientMetadata['subject_type'][];
  readonly clientRegistration: TokenConfig['CLIENT_REGISTRATION'];
  readonly registrationPkceRequired: boolean;
  /** Whether clients may be known by the metadata document at their id. */
  readonly clientIdDocuments: boolean;
  /** Which certificates of clients it gets to see, and where: null at the issuer's own URL. */
  readonly mutualTls: MutualTls;
  readonly mutualTlsUrl: string | null;
  /** An http issuer is one on loopback: web clients may live there beside it. */
  readonly loopbackWeb: boolean;
  /**
   * How long a registration and a refused login take at least. It is longer than the work: what the database does
   * differs from case to case, and when the answer comes must not.
   */
  readonly answerAfterMs = 200;

  constructor(config: TokenConfig) {
    this.issuer = config.ISSUER;
    this.declaredResources = new Map(config.RESOURCES.filter(([name]) => name !== ISSUER_RESOURCE));
    this.sessionLifetimeMs = config.SESSION_LIFETIME_MS;
    this.grantLifetimeMs = config.GRANT_LIFETIME_MS;
    this.refreshTokenLifetimeMs = config.REFRESH_TOKEN_LIFETIME_MS;
    this.refreshGraceMs = config.REFRESH_GRACE_MS;
    const { masterKey, previousMasterKeys, signingKeys } = keySettings(config);
    this.masterKey = masterKey;
    this.previousMasterKeys = previousMasterKeys;
    this.signingKeys = signingKeys;
    this.successorKeys = [successorKeyOf(masterKey), ...previousMasterKeys.map(successorKeyOf)];
    const { PAIRWISE_SUBJECT_KEY: pairwise } = config;
    this.pairwiseKeys = pairwise ? pairwiseKeysOf(Buffer.from(pairwise.reveal(), 'base64')) : null;
    this.subjectTypes = pairwise ? ['public', 'pairwise'] : ['public'];
    this.clientRegistration = config.CLIENT_REGISTRATION;
    this.registrationPkceRequired = config.CLIENT_REGISTRATION_PKCE_REQUIRED;
    this.clientIdDocuments = config.CLIENT_ID_METADATA_DOCUMENTS;
    this.mutualTls = mutualTlsOf(config);
    this.mutualTlsUrl = config.MTLS_URL ?? null;
    this.loopbackWeb = config.ISSUER.startsWith('http:');
  }
}

function mutualTlsOf(config: TokenConfig): MutualTls {
  if (config.TLS_PORT === undefined && config.CLIENT_CERTIFICATE_HEADER === undefined) return 'none';
  return config.TLS_CLIENT_CA_FILE === undefined ? 'self_signed' : 'issued';
}

/** The part of the settings that concerns signing keys. */
export function keySettings(config: SigningKeyConfig) {
  const bytesOf = (key: Secret) => Buffer.from(key.reveal(), 'base64');
  return {
    masterKey: bytesOf(config.SIGNING_KEY_ENCRYPTION_KEY),
    previousMasterKeys: config.SIGNING_KEY_PREVIOUS_ENCRYPTION_KEYS.map(bytesOf),
    signingKeys: { algorithms: config.SIGNING_ALGORITHMS, lifetimeMs: config.SIGNING_KEY_LIFETIME_MS },
  };
}

const { redirect_uris, token_endpoint_auth_method, application_type, ...metadata } = clientMetadata.shape;
const seededClient = z
  .strictObject({
    id: clientId.min(1),
    /** At least 256 random bits: it is stored as a plain SHA-256. Left out of a public client. */
    secret: z.string().min(43).optional(),
    /** Compared exactly; needed with authorization_code. */
    redirect_uris,
    token_endpoint_auth_method,
    application_type,
    authorization_details_types: metadata.authorization_details_types,
    jwks: metadata.jwks,
    jwks_uri: metadata.jwks_uri,
    subject_type: metadata.subject_type,
    sector_identifier_uri: metadata.sector_identifier_uri,
    id_token_signed_response_alg: metadata.id_token_signed_response_alg,
    backchannel_logout_uri: metadata.backchannel_logout_uri,
    backchannel_logout_session_required: metadata.backchannel_logout_session_required,
    post_logout_redirect_uris: metadata.post_logout_redirect_uris,
    require_pushed_authorization_requests: metadata.require_pushed_authorization_requests,
    id_token_encrypted_response_alg: metadata.id_token_encrypted_response_alg,
    id_token_encrypted_response_enc: metadata.id_token_encrypted_response_enc,
    userinfo_signed_response_alg: metadata.userinfo_signed_response_alg,
    userinfo_encrypted_response_alg: metadata.userinfo_encrypted_response_alg,
    userinfo_encrypted_response_enc: metadata.userinfo_encrypted_response_enc,
    introspection_signed_response_alg: metadata.introspection_signed_response_alg,
    introspection_encrypted_response_alg: metadata.introspection_encrypted_response_alg,
    introspection_encrypted_response_enc: metadata.introspection_encrypted_response_enc,
    tls_client_certificate_bound_access_tokens: metadata.tls_client_certificate_bound_access_tokens,
    tls_client_auth_subject_dn: metadata.tls_client_auth_subject_dn,
    tls_client_auth_san_dns: metadata.tls_client_auth_san_dns,
    tls_client_auth_san_uri: metadata.tls_client_auth_san_uri,
    tls_client_auth_san_ip: metadata.tls_client_auth_san_ip,
    tls_client_auth_san_email: metadata.tls_client_auth_san_email,
    authorization_signed_response_alg: metadata.authorization_signed_response_alg,
    request_object_signing_alg: metadata.request_object_signing_alg,
    require_signed_request_object: metadata.require_signed_request_object,
    grant_types: z.array(z.enum(grantTypes)).min(1),
    /** Scopes that it may ask for, e.g. `openid` and `email`. */
    scopes: z.array(z.string()).default([]),
    /** Names of resources that it may ask tokens for; every one where it is left out. */
    resources: z.array(z.string()).optional(),
    /** Whether people are spared the question for their consent. */
    first_party: z.boolean().default(true),
  })
  .refine(
    (client) => (client.secret === undefined) !== client.token_endpoint_auth_method.startsWith('client_secret_'),
    {
      message: 'a client has a secret if its token_endpoint_auth_method is one of client_secret_, and only then',
    },
  )
  .refine((client) => client.token_endpoint_auth_method !== 'client_secret_jwt', {
    message: 'client_secret_jwt needs a sealed secret: register the client by the API',
  });

const seededResource = resourceDescription.extend({ name: resourceName });

const seededAccount = z.strictObject({
  id: uuid,
  email: z.email(),
  password: z.string().min(8).max(128),
  locale: z.string().optional(),
});

/**
 * The JSON file that `SEED_FILE` names, for development and tests: clients, resources and verified accounts that `gatehouse
 * migrate` creates. Running it again brings clients and resources up to date and leaves existing accounts alone. Refused in production.
 *
 * @example
 * {
 *   "clients": [
 *     { "id": "audit-log", "secret": "<43 or more random characters>", "grant_types": ["client_credentials"] },
 *     { "id": "demo", "secret": "...", "redirect_uris": ["http://127.0.0.1:8400/callback"],
 *       "grant_types": ["authorization_code", "refresh_token"], "scopes": ["openid", "email"] }
 *   ],
 *   "resources": [{ "name": "orders", "url": "https://orders.example.com", "scopes": [{ "name": "orders:read" }] }],
 *   "accounts": [{ "id": "<uuid>", "email": "demo@example.com", "password": "..." }]
 * }
 */
export const seedFile = z.strictObject({
  clients: z.array(seededClient).default([]),
  resources: z.array(seededResource).default([]),
  accounts: z.array(seededAccount).default([]),
});
export type Seed = z.output<typeof seedFile>;
