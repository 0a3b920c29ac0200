import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { build, rebuildOnChange } from './build.ts';
import { ensureDemoOrganization } from './demo-organization.ts';
import { makeEnvironments } from './environments.ts';
import type { Environments } from './environments.ts';
import { followLogs } from './follow-logs.ts';
import { takeLock } from './lock.ts';
import { removePlatformFile, writePlatformFile } from './platform-file.ts';
import type { PlatformFile } from './platform-file.ts';
import { checkPorts } from './ports.ts';
import { Processes } from './processes.ts';
import { Progress } from './progress.ts';
import { SecretFile } from './secrets.ts';
import { DEMO_REDIRECT_URI, DEMO_USER } from './seed.ts';
import { startServers } from './servers.ts';
import type { Servers } from './servers.ts';
import { ServiceRunner } from './service-runner.ts';
import type { LocalSettings } from './settings.ts';
import { summary } from './summary.ts';
import { workspaceRoot } from './workspace.ts';

export interface LocalPlatformOptions {
  /** Where state, secrets, logs and `platform.json` are. */
  readonly home: string;
  readonly settings: LocalSettings;
  /** Shows the logs too. */
  readonly verbose: boolean;
  /** Compiles and starts services again when their sources change. */
  readonly watch: boolean;
  /** Ends the platform, also while it still starts. */
  readonly stop: Promise<unknown>;
}

/**
 * Runs the whole platform until `stop` settles: servers, migrations, services, demo data. Resolves when no process is
 * left; rejects, after the same orderly end, when a part failed.
 */
export async function runLocalPlatform(options: LocalPlatformOptions): Promise<void> {
  const { home } = options;
  makeFolders(home);
  const unlock = takeLock(join(home, 'lock'));
  const platformFile = join(home, 'platform.json');
  const failed = Promise.withResolvers<never>();
  const runners = new Map<Service, ServiceRunner>();
  const processes = new Processes(join(home, 'processes.json'), (name, how) => {
    const mayEnd = (services as readonly string[]).includes(name) || name === 'traces';
    if (!mayEnd) failed.reject(new Error(`${name} ${how}; its log is ${join(home, 'logs', `${name}.log`)}`));
  });
  failed.promise.catch(() => undefined);
  const progress = new Progress();
  try {
    await recover(processes, platformFile, progress);
    await checkPorts(options.settings.planned);
    await Promise.race([bringUp(options, processes, runners, progress, platformFile), options.stop, failed.promise]);
    await Promise.race([options.stop, failed.promise]);
  } finally {
    removePlatformFile(platformFile);
    progress.line('…', 'stopping', 'services first, then the servers that they use');
    progress.mute();
    await Promise.all([...runners.values()].map((runner) => runner.stop()));
    await processes.stop();
    unlock();
  }
}

/** PostgreSQL may run as another user, who has to pass through but not to look around. */
function makeFolders(home: string): void {
  for (const folder of [home, join(home, 'data')]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o711);
  }
  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o700 });
}

async function recover(processes: Processes, platformFile: string, progress: Progress): Promise<void> {
  const ended = await processes.recover();
  removePlatformFile(platformFile);
  if (ended.length > 0) progress.line('✓', 'recovery', `the last start was killed; ended ${ended.join(', ')}`);
}

async function bringUp(
  options: LocalPlatformOptions,
  processes: Processes,
  runners: Map<Service, ServiceRunner>,
  progress: Progress,
  platformFile: string,
): Promise<void> {
  const { home, settings } = options;
  if (options.verbose) followLogs(join(home, 'logs'));
  const secrets = new SecretFile(join(home, 'secrets.json'));
  const [servers] = await Promise.all([
    startServers({ home, settings, secrets, processes, progress }),
    progress.part('build', build),
  ]);
  const environments = makeEnvironments(home, settings, secrets, servers);
  await progress.part('migrations', () => migrate(environments.operator, servers.kafka.observer.username));
  const write = (organization: string) =>
    writePlatformFile(platformFile, describe({ secrets, servers, environments, runners, organization }));
  let organization = '';
  for (const service of services)
    runners.set(
      service,
      new ServiceRunner({
        service,
        env: environments.services[service],
        adminUrl: environments.urls[service].admin,
        logFile: join(home, 'logs', `${service}.log`),
        processes,
        report: (text) => {
          progress.line('!', service, text);
          write(organization);
        },
      }),
    );
  await Promise.all([...runners].map(([service, runner]) => progress.part(service, () => runner.start(), () => environments.urls[service].url))); // prettier-ignore
  organization = await progress.part('demo data', () =>
    ensureDemoOrganization({
      issuer: environments.urls.token.url,
      authorization: environments.urls.authorization.url,
      admin: { id: 'admin', secret: secrets.get('admin-client') },
    }),
  );
  write(organization);
  console.log(summary({ home, urls: environments.urls, servers, seconds: progress.total() }));
  if (options.watch) watchSources(options, processes, runners, progress, () => write(organization));
}

function watchSources(
  { home }: LocalPlatformOptions,
  processes: Processes,
  runners: ReadonlyMap<Service, ServiceRunner>,
  progress: Progress,
  restarted: () => void,
): void {
  progress.line(
    '…',
    'watching',
    `contracts, libs and services; the compiler writes to ${join(home, 'logs', 'build.log')}`,
  );
  rebuildOnChange(processes, join(home, 'logs', 'build.log'), (changed) => {
    for (const service of changed)
      progress
        .part(service, () => runners.get(service)?.restart() ?? Promise.resolve())
        .then(restarted, (error: Error) => progress.line('✗', service, error.message));
  });
}

/** `gatehouse migrate`: the only thing that migrates, topics and access rules included. */
async function migrate(environment: Readonly<Record<string, string>>, reader: string): Promise<void> {
  const command = join(workspaceRoot, 'infra', 'cli', 'bin', 'gatehouse.mjs');
  const { PATH, HOME } = process.env;
  try {
    await promisify(execFile)(process.execPath, [command, 'migrate', '--reader', reader], {
      env: { PATH, HOME, ...environment },
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`gatehouse migrate failed:\n${stdout}${stderr}`, { cause: error });
  }
}

interface Description {
  readonly secrets: SecretFile;
  readonly servers: Servers;
  readonly environments: Environments;
  readonly runners: ReadonlyMap<Service, ServiceRunner>;
  readonly organization: string;
}

function describe({ secrets, servers, environments, runners, organization }: Description): PlatformFile {
  const byService = <T>(value: (service: Service) => T) =>
    Object.fromEntries(services.map((service) => [service, value(service)])) as Record<Service, T>;
  const { observer, brokers } = servers.kafka;
  return {
    issuer: environments.services.token['ISSUER'] ?? '',
    services: byService((service) => ({ ...environments.urls[service], pid: runners.get(service)?.pid ?? 0 })),
    clients: {
      demo: { id: 'demo', secret: secrets.get('demo-client'), redirect_uri: DEMO_REDIRECT_URI },
      admin: { id: 'admin', secret: secrets.get('admin-client') },
    },
    users: { demo: { ...DEMO_USER, org_id: organization, password: secrets.get('demo-user') } },
    kafka: { brokers, mechanism: 'scram-sha-256', ...observer },
    redis: { cache: { url: servers.adminUrls.cache }, state: { url: servers.adminUrls.state } },
    postgres: byService(servers.databaseUrl),
    smtp: { url: servers.smtpUrl },
    mail: { url: servers.mailUrl },
    traces: { url: servers.tracesUrl },
  };
}
