import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '@gatehouse/contracts';
import type { RunningPart } from './part.ts';
import type { Processes } from './processes.ts';
import { untilReady } from './readiness.ts';
import { workspaceRoot } from './workspace.ts';

/**
 * V8 grows its heap into whatever it is given. These limits keep an idle service under 160 MB resident, and a busy one
 * under 300 MB; the young generation is large enough that a request's garbage does not get old.
 */
const HEAP_LIMITS = ['--max-old-space-size=192', '--max-semi-space-size=16'];

export interface ServiceRunnerOptions {
  readonly service: Service;
  readonly env: Readonly<Record<string, string>>;
  readonly adminUrl: string;
  readonly logFile: string;
  readonly processes: Processes;
  /** Told when the service has ended by itself, and when it is ready again. */
  readonly report: (text: string) => void;
}

/** Runs one service, and starts it again when it ends without being told to, as an orchestrator would. */
export class ServiceRunner {
  readonly #options: ServiceRunnerOptions;
  #process: RunningPart | undefined;
  #stopping = false;

  constructor(options: ServiceRunnerOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Resolves when the service says that it is ready; throws with the end of its log when it ends before. */
  async start(): Promise<void> {
    const { service, env, logFile, processes, adminUrl } = this.#options;
    this.#stopping = false;
    const { PATH, HOME, NODE_EXTRA_CA_CERTS } = process.env;
    const running = processes.start({
      name: service,
      command: process.execPath,
      args: [...HEAP_LIMITS, join(workspaceRoot, 'services', service, 'dist', 'main.js')],
      env: { PATH, HOME, NODE_EXTRA_CA_CERTS, MALLOC_ARENA_MAX: '2', ...env },
      cwd: workspaceRoot,
      logFile,
      stopWithinMs: 25_000,
    });
    this.#process = running;
    await untilReady(running, { logFile, attempt: () => expectReady(adminUrl) });
    void running.exited.then((how) => this.#ended(how));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#process?.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async #ended(how: string): Promise<void> {
    for (let pauseMs = 1_000; !this.#stopping; pauseMs = Math.min(pauseMs * 2, 30_000)) {
      this.#options.report(`${how}; starting it again in ${pauseMs / 1_000} s (log: ${this.#options.logFile})`);
      await delay(pauseMs, undefined, { ref: false });
      if (this.#stopping) return;
      try {
        await this.start();
        return this.#options.report(`ready again, process ${this.pid}`);
      } catch (error) {
        how = (error as Error).message.split('\n')[0] ?? 'failed';
      }
    }
  }
}

async function expectReady(adminUrl: string): Promise<void> {
  const answer = await fetch(`${adminUrl}/health/ready`, { signal: AbortSignal.timeout(2_000) });
  if (!answer.ok) throw new Error(`not ready: ${await answer.text()}`);
}
