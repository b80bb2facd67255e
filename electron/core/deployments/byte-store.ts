// Gathers a body that comes in pieces of any size; copies small pieces together, so that a million one-byte chunks cost a million bytes and not a million objects.

const BLOCK_BYTES = 64 * 1024;

export class ByteStore {
  readonly #full: Buffer[] = [];
  #block: Buffer | null = null;
  #used = 0;

  add(piece: Buffer): void {
    let rest = piece;
    while (rest.length > 0) {
      this.#block ??= Buffer.allocUnsafeSlow(BLOCK_BYTES);
      const taken = rest.copy(this.#block, this.#used);
      this.#used += taken;
      rest = rest.subarray(taken);
      if (this.#used < BLOCK_BYTES) continue;
      this.#full.push(this.#block);
      this.#block = null;
      this.#used = 0;
    }
  }

  /** Everything in order; the store is empty afterwards. */
  take(): Buffer {
    const last = this.#block === null ? [] : [this.#block.subarray(0, this.#used)];
    const all = Buffer.concat([...this.#full.splice(0), ...last]);
    this.#block = null;
    this.#used = 0;
    return all;
  }
}
