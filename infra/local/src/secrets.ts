import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** 32 random bytes in URL-safe base64: needs no quoting in URLs, shells or property files. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Secrets by name, each made the first time it is asked for and the same ever after. The file is readable by its owner
 * only and replaced in one step.
 */
export class SecretFile {
  readonly #file: string;
  readonly #values: Record<string, string>;

  constructor(file: string) {
    this.#file = file;
    this.#values = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  }

  /** The secret of this name. */
  get(name: string): string {
    const known = this.#values[name];
    if (known !== undefined) return known;
    const made = newSecret();
    this.#values[name] = made;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, `${JSON.stringify(this.#values, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
    return made;
  }
}
