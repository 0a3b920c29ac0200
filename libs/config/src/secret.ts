import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * A value that cannot be printed: strings, templates, JSON, `util.inspect` and so every log and error show `[secret]`.
 * Only `reveal()` gives the value, which makes every use of it easy to find.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
