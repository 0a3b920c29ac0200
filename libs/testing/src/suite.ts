import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import {
  asSuperuser,
  databaseName,
  ensureDatabase,
  freePorts,
  kafkaClient,
  newSecret,
  rateLimitRulesFile,
  seedClients,
  serviceEnvironment,
  writeSeed,
} from '@gatehouse/local-platform';
import type { KafkaPrincipal, RedisDatabase, Seed, Surroundings, TestPlatform } from '@gatehouse/local-platform';
import type { Admin, Kafka, KafkaConfig } from 'kafkajs';
import { SmtpSink } from './smtp-sink.ts';
import { clearRedisDatabases, migrateServices, removeTopics, reserveRedisDatabase } from './suite-resources.ts';
import { testPlatform } from './test-platform.ts';

export interface SuiteOptions {
  /** Another platform than the shared one, for a test that stops its servers. */
  readonly platform?: TestPlatform;
}

export interface EnvironmentOptions {
  /**
   * `any` (the default) listens on whatever ports are free, so `SERVICE_URL` and `ISSUER` are mere names. `reserved`
   * listens where those URLs say, which services that call each other need.
   */
  readonly ports?: 'any' | 'reserved';
}

/**
 * Opens a corner of the test platform that one suite has to itself, so that suites run side by side. Its databases are
 * empty and its topics missing until `migrate`.
 */
export async function createSuite(name: string, { platform = testPlatform() }: SuiteOptions = {}): Promise<Suite> {
  const label = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 24); // prettier-ignore
  const suite = new Suite(
    `${label}-${randomBytes(3).toString('hex')}`,
    platform,
    await SmtpSink.start(),
    await reserveRedisDatabase(platform),
    await freePorts(2 * services.length),
  );
  await asSuperuser(platform.postgres.adminUrl, async (admin) => {
    for (const service of services) await ensureDatabase(admin, suite.databaseOf(service), databaseName(service));
  });
  return suite;
}

/** One suite's databases, topic prefix, Redis database numbers, ports, secrets and mail server. */
export class Suite {
  /** Before every topic and consumer group. */
  readonly topicPrefix: string;
  /** OAuth clients and accounts that this suite's token service starts with. */
  readonly seed: Seed;
  readonly #surroundings: Surroundings;
  readonly #folder = mkdtempSync(join(tmpdir(), 'gatehouse-suite-'));
  readonly #secrets = new Map<string, string>();
  readonly #admins: Admin[] = [];

  constructor(
    /** Unique on the platform. */
    readonly name: string,
    private readonly platform: TestPlatform,
    /** Where this suite's services send their mail. */
    readonly smtp: SmtpSink,
    private readonly redisDatabase: number,
    private readonly ports: readonly number[],
  ) {
    this.topicPrefix = `${name}.`;
    const secret = (of: string) => this.#secret(of);
    this.seed = { clients: seedClients(secret), accounts: [] };
    const seedFile = join(this.#folder, 'seed.json');
    writeSeed(seedFile, this.seed);
    this.#surroundings = {
      environment: 'testing',
      logLevel: 'warn',
      urls: Object.fromEntries(services.map((service) => [service, this.url(service)])) as Surroundings['urls'],
      issuer: this.url('token'),
      databaseUrl: (service) => this.databaseUrl(service),
      kafka: {
        brokers: platform.kafka.brokers,
        topicPrefix: this.topicPrefix,
        login: (service) => ({ username: service, password: platform.kafka.passwords[service] }),
      },
      cache: this.#redis('cache'),
      state: this.#redis('state'),
      smtpUrl: smtp.url,
      traces: { OTEL_TRACES_EXPORTER: 'none' },
      secret,
      seedFile,
      rateLimitRulesFile: rateLimitRulesFile('suite'),
      administrators: ['admin'],
    };
  }

  /** The complete environment of a service. */
  env(service: Service, { ports = 'any' }: EnvironmentOptions = {}): Record<string, string> {
    const at = ports === 'any' ? ['0', '0'] : [this.#port(service), this.#adminPort(service)];
    return { ...serviceEnvironment(service, this.#surroundings), PORT: String(at[0]), ADMIN_PORT: String(at[1]) };
  }

  /** Base URL of a service with reserved ports; its `SERVICE_URL` in any case. */
  url(service: Service): string {
    return `http://127.0.0.1:${this.#port(service)}`;
  }

  /** Base URL of health and metrics of a service with reserved ports. */
  adminUrl(service: Service): string {
    return `http://127.0.0.1:${this.#adminPort(service)}`;
  }

  databaseOf(service: Service): string {
    return `${this.name.replaceAll('-', '_')}_${databaseName(service)}`;
  }

  /** Connection string of the service's own role, which owns the database. */
  databaseUrl(service: Service): string {
    const login = { username: databaseName(service), password: this.platform.postgres.passwords[service] };
    const url = Object.assign(new URL(this.platform.postgres.adminUrl), login, { pathname: this.databaseOf(service) });
    return url.href;
  }

  /** Connection strings of a Redis user that may do everything, for looking at what services wrote. */
  get redisCacheUrl(): string {
    return this.#redisAdminUrl('cache');
  }

  get redisStateUrl(): string {
    return this.#redisAdminUrl('state');
  }

  /** A Kafka client of a principal; of the superuser unless told. */
  kafka(principal: KafkaPrincipal = 'admin', options: Partial<KafkaConfig> = {}): Kafka {
    const { brokers, passwords } = this.platform.kafka;
    return kafkaClient(brokers, principal, passwords[principal], options);
  }

  /** A connected administrator of Kafka, closed with the suite. */
  async kafkaAdmin(): Promise<Admin> {
    const admin = this.kafka().admin();
    await admin.connect();
    this.#admins.push(admin);
    return admin;
  }

  /** Does what `gatehouse migrate` does for these services (all, unless named): schemas, topics and access rules. */
  async migrate(...only: Service[]): Promise<void> {
    await migrateServices(only.length > 0 ? only : services, this.operatorEnv());
  }

  /** The environment in which the operator's command sees this suite: every service's, and Kafka's superuser. */
  operatorEnv(): Record<string, string> {
    return {
      ...Object.assign({}, ...services.map((service) => this.env(service))),
      KAFKA_USERNAME: 'admin',
      KAFKA_PASSWORD: this.platform.kafka.passwords.admin,
      KAFKA_ADMIN_USERNAME: 'admin',
      KAFKA_ADMIN_PASSWORD: this.platform.kafka.passwords.admin,
    } as Record<string, string>;
  }

  /** Throws everything of this suite away; call it after its services have stopped. */
  async dispose(): Promise<void> {
    await this.smtp.stop();
    await removeTopics(await this.kafkaAdmin(), this.topicPrefix);
    await Promise.all(this.#admins.map((admin) => admin.disconnect()));
    await clearRedisDatabases(this.platform, this.redisDatabase);
    await asSuperuser(this.platform.postgres.adminUrl, async (admin) => {
      for (const service of services)
        await admin.query(`DROP DATABASE IF EXISTS "${this.databaseOf(service)}" WITH (FORCE)`);
    });
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #secret(of: string): string {
    const secret = this.#secrets.get(of) ?? newSecret();
    this.#secrets.set(of, secret);
    return secret;
  }

  #port(service: Service): number {
    return this.ports[services.indexOf(service)] ?? 0;
  }

  #adminPort(service: Service): number {
    return this.ports[services.length + services.indexOf(service)] ?? 0;
  }

  #redis(role: 'cache' | 'state'): RedisDatabase {
    const { host, port, passwords } = this.platform.redis[role];
    const login = (service: Service) => ({ username: service, password: passwords[service] });
    return { host, port, database: this.redisDatabase, login };
  }

  #redisAdminUrl(role: 'cache' | 'state'): string {
    const { host, port, passwords } = this.platform.redis[role];
    return `redis://admin:${passwords.admin}@${host}:${port}/${this.redisDatabase}`;
  }
}
