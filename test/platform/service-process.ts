import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { services } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { eventually } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';

const WORKSPACE = fileURLToPath(new URL('../..', import.meta.url));

/** One service as it is shipped: a process of its own, started from its build. */
export class ServiceProcess {
  /** Everything that it wrote, for asserting on its logs. */
  output = '';
  /** Settles with the exit code, or with the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;

  private constructor(
    readonly service: Service,
    private readonly child: ChildProcess,
    private readonly adminUrl: string,
  ) {
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code ?? 0)));
  }

  /** Starts the service of a suite on its reserved ports; `settings` win over the suite's environment. */
  static start(suite: Suite, service: Service, settings: Readonly<Record<string, string>> = {}): ServiceProcess {
    const main = `${WORKSPACE}services/${service}/dist/main.js`;
    if (!existsSync(main)) throw new Error(`${service} is not built: run \`npm run build\` first.`);
    const env = { PATH: process.env.PATH ?? '', ...suite.env(service, { ports: 'reserved' }), ...settings };
    const child = spawn(process.execPath, ['--enable-source-maps', main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    return new ServiceProcess(service, child, suite.adminUrl(service));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when the service says that it is ready; throws with its last output when it ends or takes too long. */
  async ready(): Promise<void> {
    try {
      await eventually(() => this.answersReady(), { within: '150s' });
    } catch (error) {
      throw new Error(`${this.service} is not ready:\n${this.output.slice(-3_000)}`, { cause: error });
    }
  }

  /** Asks it to end, as an orchestrator would, and waits. */
  async stop(): Promise<number | NodeJS.Signals> {
    if (this.running) this.child.kill('SIGTERM');
    return this.exited;
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    if (this.running) this.child.kill('SIGKILL');
    await this.exited;
  }

  private async answersReady(): Promise<true> {
    if (!this.running) throw new Error('it has ended');
    const answer = await fetch(`${this.adminUrl}/health/ready`);
    if (answer.status !== 200) throw new Error(await answer.text());
    return true;
  }
}

export type Services = Readonly<Record<Service, ServiceProcess>>;

/** Migrates a suite and starts the four services in it; `settings` go to each of them. */
export async function startServices(suite: Suite, settings: Readonly<Record<string, string>> = {}): Promise<Services> {
  await suite.migrate();
  const started = services.map((service) => [service, ServiceProcess.start(suite, service, settings)] as const);
  const running = Object.fromEntries(started) as unknown as Services; // -- one entry for each service
  try {
    await Promise.all(started.map(([, service]) => service.ready()));
  } catch (error) {
    await stopServices(running);
    throw error;
  }
  return running;
}

/** Stops all four, consumers of others' events last. */
export async function stopServices(running: Services): Promise<void> {
  await Promise.all(Object.values(running).map((service) => service.stop()));
}
