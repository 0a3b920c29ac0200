/** A flag that one loop waits for and anybody raises; raised early, it ends the next wait at once. */
export class WakeSignal {
  #raised = false;
  #release: (() => void) | undefined;

  raise(): void {
    this.#raised = true;
    this.#release?.();
  }

  /** Forgets what was raised so far; call it before looking for work, so that nothing raised later is missed. */
  lower(): void {
    this.#raised = false;
  }

  /** Resolves when the flag is raised, or after `timeoutMs`. */
  async raised(timeoutMs: number): Promise<void> {
    if (this.#raised) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#release = resolve;
    await promise;
    clearTimeout(timer);
    this.#release = undefined;
  }
}
