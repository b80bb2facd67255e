// A value that must not be shown: it prints as [redacted] wherever something tries to write it down.

const REDACTED = '[redacted]';
const inspect = Symbol.for('nodejs.util.inspect.custom');

/** Holds a secret (text or bytes). Only `reveal` gives it out; every implicit conversion gives [redacted]. */
export class Secret<T extends string | Buffer = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
    Object.defineProperty(this, inspect, { value: () => REDACTED, enumerable: false });
  }

  /** The value itself. Call it only where it leaves for its purpose (a header, a cipher, a keychain). */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }
}
