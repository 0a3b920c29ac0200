/** Something that the service needs: a pool, a consumer, a broker connection. */
export interface HealthPart {
  readonly name: string;
  /** Cheap and without I/O, asked by every readiness probe: true, or why the service must get no traffic. */
  ready?(): true | string;
  /** Really uses the part (a query, a round trip); throws where that fails. */
  exercise?(): Promise<void>;
}

export interface Readiness {
  readonly ready: boolean;
  /** The parts that are not ready, each with its reason. */
  readonly failing: readonly { readonly part: string; readonly reason: string }[];
}

/** The parts of one service. Liveness is not here: a process that can answer is alive, whatever its servers do. */
export class Health {
  readonly #parts = new Map<string, HealthPart>();

  /** Throws where the name is taken, because an operator could not tell the two apart. */
  add(part: HealthPart): void {
    if (this.#parts.has(part.name)) throw new Error(`There are two health parts named ${part.name}`);
    this.#parts.set(part.name, part);
  }

  readiness(): Readiness {
    const failing = [...this.#parts.values()].flatMap((part) => {
      const reason = readyOf(part);
      return reason === true ? [] : [{ part: part.name, reason }];
    });
    return { ready: failing.length === 0, failing };
  }

  /** The parts that can be exercised, by name. */
  get components(): readonly string[] {
    return [...this.#parts.values()].filter((part) => part.exercise !== undefined).map((part) => part.name);
  }

  /** Uses the part and resolves with the milliseconds that took; null where no such part can be exercised. */
  async exercise(name: string, deadlineMs: number): Promise<number | null> {
    const part = this.#parts.get(name);
    if (!part?.exercise) return null;
    const startedAt = performance.now();
    await withDeadline(part.exercise(), deadlineMs, `${name} did not answer within ${deadlineMs} ms`);
    return performance.now() - startedAt;
  }
}

function readyOf(part: HealthPart): true | string {
  try {
    return part.ready?.() ?? true;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Rejects with `message` where `work` takes longer; `work` itself goes on, so it needs a deadline of its own. */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
