// Owns how often something may happen: a bucket of tokens that fills again with time. It counts, and decides nothing else.

/** Up to `burst` at once, then `perSecond` on average. */
export class Allowance {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(limits: { readonly burst: number; readonly perSecond: number }, nowMs: number) {
    this.#burst = limits.burst;
    this.#perSecond = limits.perSecond;
    this.#tokens = limits.burst;
    this.#filledAtMs = nowMs;
  }

  /**
   * Takes one token.
   * @param nowMs monotonic
   * @returns false when there is none
   */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * this.#perSecond);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
