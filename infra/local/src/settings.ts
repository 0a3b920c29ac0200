import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import type { PlannedPort } from './ports.ts';
import { settingPrefix } from './service-environment.ts';

/** A server that runs elsewhere, with who may enter; each replaces an embedded part. */
export interface ExistingServers {
  readonly databaseUrls: Readonly<Partial<Record<Service, string>>>;
  readonly kafka?: { readonly brokers: string; readonly login: Login; readonly adminLogin: Login } | undefined;
  readonly cacheUrl?: string | undefined;
  readonly stateUrl?: string | undefined;
  readonly smtpUrl?: string | undefined;
  /** OpenTelemetry's own variables, where the spans go elsewhere or nowhere. */
  readonly traces?: Readonly<Record<`OTEL_${string}`, string>> | undefined;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

const embeddedPorts = {
  postgres: { part: 'PostgreSQL', setting: 'LOCAL_POSTGRES_PORT', port: 54_329 },
  kafka: { part: 'Kafka', setting: 'LOCAL_KAFKA_PORT', port: 19_092 },
  kafkaController: { part: "Kafka's controller", setting: 'LOCAL_KAFKA_CONTROLLER_PORT', port: 19_093 },
  cache: { part: 'Redis (cache)', setting: 'LOCAL_REDIS_CACHE_PORT', port: 63_799 },
  state: { part: 'Redis (state)', setting: 'LOCAL_REDIS_STATE_PORT', port: 63_798 },
  smtp: { part: 'SMTP', setting: 'LOCAL_SMTP_PORT', port: 1_025 },
  mailPage: { part: 'mail page', setting: 'LOCAL_MAIL_PAGE_PORT', port: 8_025 },
  traces: { part: 'trace page', setting: 'LOCAL_TRACES_PORT', port: 9_411 },
} satisfies Record<string, PlannedPort>;

const servicePorts: Readonly<Record<Service, readonly [api: number, admin: number]>> = {
  token: [4_001, 4_101],
  authorization: [4_002, 4_102],
  'audit-log': [4_003, 4_103],
  'email-verification': [4_004, 4_104],
};

/** Settings that every service gets as they are. */
const handedOn = [
  'LOG_LEVEL',
  'ISSUER',
  'PUBLIC_VERIFICATION_URL',
  'MAIL_FROM',
  'KAFKA_TOPIC_PREFIX',
  'CLIENT_REGISTRATION',
  'CLIENT_REGISTRATION_PKCE_REQUIRED',
  'OUTBOUND_ALLOWED',
] as const;

export type EmbeddedPort = keyof typeof embeddedPorts;

export interface LocalSettings {
  readonly embedded: Readonly<Record<EmbeddedPort, number>>;
  readonly services: Readonly<Record<Service, { readonly port: number; readonly adminPort: number }>>;
  readonly existing: ExistingServers;
  /** `handedOn`, as far as they are set. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Every port that will be listened on. */
  readonly planned: readonly PlannedPort[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the settings of `npm start` from its environment; throws with all that is wrong with them. */
export function readSettings(env: Variables): LocalSettings {
  const existing = existingServers(env);
  const embedded = Object.entries(embeddedPorts).map(([key, planned]) => [key, portFrom(env, planned)] as const);
  const ofServices = services.map((service) => [service, portsOf(service, env)] as const);
  const unused = unusedPorts(existing);
  return {
    embedded: Object.fromEntries(embedded.map(([key, { port }]) => [key, port])) as LocalSettings['embedded'],
    services: Object.fromEntries(
      ofServices.map(([service, [api, admin]]) => [service, { port: api.port, adminPort: admin.port }]),
    ) as LocalSettings['services'],
    existing,
    overrides: Object.fromEntries(handedOn.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
    planned: [
      ...embedded.filter(([key]) => !unused.has(key)).map(([, planned]) => planned),
      ...ofServices.flatMap(([, ports]) => ports),
    ],
  };
}

function portsOf(service: Service, env: Variables): [PlannedPort, PlannedPort] {
  const [api, admin] = servicePorts[service];
  const prefix = settingPrefix(service);
  return [
    portFrom(env, { part: service, setting: `${prefix}_PORT`, port: api }),
    portFrom(env, { part: `${service}, health and metrics`, setting: `${prefix}_ADMIN_PORT`, port: admin }),
  ];
}

function portFrom(env: Variables, planned: PlannedPort): PlannedPort {
  const text = env[planned.setting];
  if (!text) return planned;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${planned.setting} is "${text}": it must be a port number, e.g. ${planned.port}`);
  return { ...planned, port };
}

function existingServers(env: Variables): ExistingServers {
  const urls = services.map((service) => [service, env[`${settingPrefix(service)}_DATABASE_URL`]] as const);
  return {
    databaseUrls: Object.fromEntries(urls.filter(([, url]) => url)),
    kafka: env.KAFKA_BROKERS ? existingKafka(env.KAFKA_BROKERS, env) : undefined,
    cacheUrl: env.REDIS_HOST ? cacheUrl(env.REDIS_HOST, env) : undefined,
    stateUrl: env.STATE_REDIS_URL,
    smtpUrl: env.SMTP_URL,
    traces: env.OTEL_TRACES_EXPORTER
      ? Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (name.startsWith('OTEL_') && value ? [[name, value]] : []))) // prettier-ignore
      : undefined,
  };
}

function cacheUrl(host: string, env: Variables): string {
  const { REDIS_PORT = '6379', REDIS_DB = '0', REDIS_USERNAME = 'default', REDIS_PASSWORD } = env;
  const login = REDIS_PASSWORD ? `${REDIS_USERNAME}:${encodeURIComponent(REDIS_PASSWORD)}@` : '';
  return `redis://${login}${host}:${REDIS_PORT}/${REDIS_DB}`;
}

function existingKafka(brokers: string, env: Variables): ExistingServers['kafka'] {
  const { KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_ADMIN_USERNAME, KAFKA_ADMIN_PASSWORD } = env;
  if (!KAFKA_USERNAME || !KAFKA_PASSWORD)
    throw new Error('KAFKA_BROKERS is set: KAFKA_USERNAME and KAFKA_PASSWORD (SCRAM) are needed too.');
  return {
    brokers,
    login: { username: KAFKA_USERNAME, password: KAFKA_PASSWORD },
    adminLogin: {
      username: KAFKA_ADMIN_USERNAME ?? KAFKA_USERNAME,
      password: KAFKA_ADMIN_PASSWORD ?? KAFKA_PASSWORD,
    },
  };
}

function unusedPorts(existing: ExistingServers): ReadonlySet<string> {
  const all = services.every((service) => existing.databaseUrls[service]);
  return new Set([
    ...(all ? ['postgres'] : []),
    ...(existing.kafka ? ['kafka', 'kafkaController'] : []),
    ...(existing.cacheUrl ? ['cache'] : []),
    ...(existing.stateUrl ? ['state'] : []),
    ...(existing.smtpUrl ? ['smtp', 'mailPage'] : []),
    ...(existing.traces ? ['traces'] : []),
  ]);
}
