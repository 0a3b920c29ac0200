import { withDeadline } from './health.ts';
import type { HealthPart } from './health.ts';

/** In this order: no new work first, what the work needs last. */
export const shutdownStages = ['http', 'consumers', 'relay', 'producer', 'telemetry', 'pools'] as const;
export type ShutdownStage = (typeof shutdownStages)[number];

export interface ShutdownListener {
  /** A step that failed or ran out of time; the others go on. */
  stepFailed?(stage: ShutdownStage, name: string, error: unknown): void;
  /** Called once, with the reason of `fatal`; must stop the process after an orderly shutdown. */
  fatal?(reason: string, error: unknown): void;
}

/**
 * The orderly end of a service, in stages and inside a budget. It is itself a health part: from the first moment of a
 * shutdown, or of a fatal failure, readiness names it, so that no new traffic comes.
 */
export class Shutdown implements HealthPart {
  readonly name = 'lifecycle';
  readonly #steps: { stage: ShutdownStage; name: string; run: () => Promise<void> }[] = [];
  #begun = false;
  #running: Promise<void> | undefined;
  #fatalReason: string | undefined;

  constructor(private readonly listener: ShutdownListener = {}) {}

  /** Adds a step. The steps of one stage run side by side. */
  on(stage: ShutdownStage, name: string, run: () => Promise<void>): void {
    this.#steps.push({ stage, name, run });
  }

  get stopping(): boolean {
    return this.#begun || this.#fatalReason !== undefined;
  }

  /** Why the process cannot go on, once `fatal` was called. */
  get fatalReason(): string | undefined {
    return this.#fatalReason;
  }

  ready(): true | string {
    if (this.#fatalReason !== undefined) return this.#fatalReason;
    return this.#begun ? 'shutting down' : true;
  }

  /** Makes the service unready with `reason`, then has the process stopped in order with exit code 1. First call wins. */
  fatal(reason: string, error: unknown): void {
    if (this.#fatalReason !== undefined) return;
    this.#fatalReason = reason;
    this.listener.fatal?.(reason, error);
  }

  /** Runs every stage once, whoever calls; resolves, never rejects, within `budgetMs`. */
  run(budgetMs: number): Promise<void> {
    this.#begun = true;
    this.#running ??= this.#runStages(budgetMs);
    return this.#running;
  }

  async #runStages(budgetMs: number): Promise<void> {
    const end = performance.now() + budgetMs;
    for (const [index, stage] of shutdownStages.entries()) {
      const remainingMs = end - performance.now();
      // Half of what is left, so that one stage that hangs leaves every later stage a share.
      const stageMs = index === shutdownStages.length - 1 ? remainingMs : remainingMs / 2;
      await Promise.all(this.#steps.filter((step) => step.stage === stage).map((step) => this.#runStep(step, stageMs)));
    }
  }

  async #runStep(step: { stage: ShutdownStage; name: string; run: () => Promise<void> }, deadlineMs: number) {
    try {
      await withDeadline(step.run(), Math.max(deadlineMs, 0), `took longer than ${Math.round(deadlineMs)} ms`);
    } catch (error) {
      this.listener.stepFailed?.(step.stage, step.name, error);
    }
  }
}
