import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';

/** What a service's environment is made of; the local platform and every test suite fill one in. */
export interface Surroundings {
  readonly environment: 'development' | 'testing';
  readonly logLevel: string;
  /** Base URLs, which are also token audiences. */
  readonly urls: Readonly<Record<Service, string>>;
  readonly issuer: string;
  readonly databaseUrl: (service: Service) => string;
  readonly kafka: {
    readonly brokers: string;
    readonly topicPrefix: string;
    readonly login: (service: Service) => { readonly username: string; readonly password: string };
  };
  readonly cache: RedisDatabase;
  readonly state: RedisDatabase;
  readonly smtpUrl: string;
  readonly traces: Readonly<Record<`OTEL_${string}`, string>>;
  /** A generated secret: `<service>-client`, `signing-key-encryption`, `cookie`, `pairwise-subject`, `dpop-nonce`, `email-code-hmac`. */
  readonly secret: (name: string) => string;
  /** JSON file with the clients and users of this place; see `seed.ts`. */
  readonly seedFile: string;
  /** YAML file with the rate limits of this place. */
  readonly rateLimitRulesFile: string;
  /** OAuth clients that administer the platform. */
  readonly administrators: readonly string[];
}

export interface RedisDatabase {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  /** Null where the server knows no users. */
  readonly login: (service: Service) => { readonly username: string; readonly password: string } | null;
}

/** `AUDIT_LOG` for `audit-log`: how a service's name appears in the names of settings. */
export function settingPrefix(service: Service): string {
  return service.toUpperCase().replaceAll('-', '_');
}

/** The complete environment of a service, ports excepted. */
export function serviceEnvironment(service: Service, around: Surroundings): Record<string, string> {
  const { urls, kafka, cache, state } = around;
  const login = kafka.login(service);
  const cacheLogin = cache.login(service);
  return {
    GATEHOUSE_ENV: around.environment,
    LOG_LEVEL: around.logLevel,
    HOST: '127.0.0.1',
    SERVICE_URL: urls[service],
    ISSUER: around.issuer,
    AUTHORIZATION_URL: urls.authorization,
    [`${settingPrefix(service)}_DATABASE_URL`]: around.databaseUrl(service),
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
    KAFKA_USERNAME: login.username,
    KAFKA_PASSWORD: login.password,
    REDIS_HOST: cache.host,
    REDIS_PORT: String(cache.port),
    REDIS_DB: String(cache.database),
    ...(cacheLogin && { REDIS_USERNAME: cacheLogin.username, REDIS_PASSWORD: cacheLogin.password }),
    STATE_REDIS_URL: redisUrl(state, service),
    DPOP_NONCE_KEY: around.secret('dpop-nonce'),
    SERVICE_CLIENT_ID: service,
    SERVICE_CLIENT_SECRET: around.secret(`${service}-client`),
    ...around.traces,
    ...ownSettings(service, around),
  };
}

function ownSettings(service: Service, { urls, secret, ...around }: Surroundings): Record<string, string> {
  switch (service) {
    case 'token':
      return {
        SIGNING_KEY_ENCRYPTION_KEY: secret('signing-key-encryption'),
        COOKIE_KEY: secret('cookie'),
        PAIRWISE_SUBJECT_KEY: secret('pairwise-subject'),
        RESOURCES: services.map((name) => `${name}=${urls[name]}`).join(','),
        SEED_FILE: around.seedFile,
        RATE_LIMIT_RULES_FILE: around.rateLimitRulesFile,
      };
    case 'authorization':
      return {
        AUTHZ_BOOTSTRAP_ADMINS: around.administrators.join(','),
        AUTHZ_BOOTSTRAP_SERVICES: services.join(','),
      };
    case 'email-verification':
      return {
        SMTP_URL: around.smtpUrl,
        MAIL_FROM: 'Gatehouse <no-reply@gatehouse.test>',
        PUBLIC_VERIFICATION_URL: urls['email-verification'],
        EMAIL_CODE_HMAC_KEY: secret('email-code-hmac'),
      };
    case 'audit-log':
      return {};
  }
}

function redisUrl({ host, port, database, login }: RedisDatabase, service: Service): string {
  const user = login(service);
  return `redis://${user ? `${user.username}:${user.password}@` : ''}${host}:${port}/${database}`;
}
