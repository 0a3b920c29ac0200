/** One line for each part with its state and how long it took. */
export class Progress {
  #quiet = false;
  readonly #begin = performance.now();

  /** Runs the work of one part; shows what it announces meanwhile, and its address when it is ready. */
  async part<T>(name: string, work: (announce: (what: string) => void) => Promise<T>, address?: (result: T) => string) {
    const begin = performance.now();
    const seconds = () => `${((performance.now() - begin) / 1_000).toFixed(1)} s`.padStart(7);
    try {
      const result = await work((what) => this.line('…', name, what));
      this.line('✓', name, `ready ${seconds()}  ${address?.(result) ?? ''}`);
      return result;
    } catch (error) {
      this.line('✗', name, `failed ${seconds()}`);
      throw error;
    }
  }

  /** A part that runs elsewhere and is only used. */
  existing(name: string, address: string): void {
    this.line('✓', name, `existing        ${address}`);
  }

  line(mark: string, name: string, text: string): void {
    if (!this.#quiet) console.log(`  ${mark} ${name.padEnd(20)} ${text.trimEnd()}`);
  }

  /** Shows nothing more: what was under way while the platform stops ends in failures that mean nothing. */
  mute(): void {
    this.#quiet = true;
  }

  /** Seconds since the start, for the last line. */
  total(): string {
    return ((performance.now() - this.#begin) / 1_000).toFixed(1);
  }
}
