import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { DEMO_USER, seedClients, writeSeed } from './seed.ts';
import type { SecretFile } from './secrets.ts';
import type { Servers } from './servers.ts';
import { rateLimitRulesFile } from './rate-limit-rules.ts';
import { serviceEnvironment } from './service-environment.ts';
import type { LocalSettings } from './settings.ts';

export interface Environments {
  readonly services: Readonly<Record<Service, Readonly<Record<string, string>>>>;
  /** For the operator's command: every service's variables, and Kafka's administrator. */
  readonly operator: Readonly<Record<string, string>>;
  readonly urls: Readonly<Record<Service, { readonly url: string; readonly admin: string }>>;
}

/** Clients of every kind can be tried out at once; the certification suites of OpenID Connect send no PKCE. */
const OPEN_REGISTRATION = { CLIENT_REGISTRATION: 'open', CLIENT_REGISTRATION_PKCE_REQUIRED: 'false' };

/** Puts the environment of every service together, and keeps a copy of each as `env/<name>.env` for use by hand. */
export function makeEnvironments(
  home: string,
  settings: LocalSettings,
  secrets: SecretFile,
  servers: Servers,
): Environments {
  const secret = (name: string) => secrets.get(name);
  const seedFile = join(home, 'seed.json');
  const demo = { ...DEMO_USER, password: secret('demo-user') };
  writeSeed(seedFile, { clients: seedClients(secret), accounts: [demo] });
  const urls = byService((service) => `http://127.0.0.1:${settings.services[service].port}`);
  const issuer = settings.overrides['ISSUER'] ?? urls.token;
  const own = byService((service) => ({
    ...serviceEnvironment(service, {
      environment: 'development',
      logLevel: 'info',
      urls: { ...urls, token: issuer },
      issuer,
      databaseUrl: servers.databaseUrl,
      kafka: { brokers: servers.kafka.brokers, topicPrefix: '', login: servers.kafka.login },
      cache: servers.cache,
      state: servers.state,
      smtpUrl: servers.smtpUrl,
      traces: servers.traces,
      secret,
      seedFile,
      rateLimitRulesFile: rateLimitRulesFile('local'),
      administrators: ['admin'],
    }),
    ...OPEN_REGISTRATION,
    ...settings.overrides,
    PORT: String(settings.services[service].port),
    ADMIN_PORT: String(settings.services[service].adminPort),
  }));
  const { username, password } = servers.kafka.admin;
  const operator = Object.assign({}, ...services.map((service) => own[service])) as Record<string, string>;
  Object.assign(operator, { KAFKA_USERNAME: username, KAFKA_PASSWORD: password });
  Object.assign(operator, { KAFKA_ADMIN_USERNAME: username, KAFKA_ADMIN_PASSWORD: password });
  mkdirSync(join(home, 'env'), { recursive: true, mode: 0o700 });
  for (const [name, variables] of Object.entries({ ...own, operator })) writeVariables(join(home, 'env', `${name}.env`), variables); // prettier-ignore
  const admin = (service: Service) => `http://127.0.0.1:${settings.services[service].adminPort}`;
  return { services: own, operator, urls: byService((service) => ({ url: urls[service], admin: admin(service) })) };
}

function byService<T>(value: (service: Service) => T): Record<Service, T> {
  return Object.fromEntries(services.map((service) => [service, value(service)])) as Record<Service, T>;
}

function writeVariables(file: string, variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
}
