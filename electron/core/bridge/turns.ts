// Owns whose work runs next: one piece per channel and turn, so that a channel with a long queue holds up no other.

/** Round robin over named queues; each piece of work starts in a turn of the event loop of its own. */
export class Turns {
  readonly #queues = new Map<string, (() => void)[]>();
  #isScheduled = false;

  add(channel: string, work: () => void): void {
    const queue = this.#queues.get(channel);
    if (queue === undefined) this.#queues.set(channel, [work]);
    else queue.push(work);
    this.#schedule();
  }

  /** Forgets everything that has not started. */
  clear(): void {
    this.#queues.clear();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#queues.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const next = this.#queues.entries().next();
      if (next.done === true) return;
      const [channel, queue] = next.value;
      // Taken out and put back at the end: the others come first.
      this.#queues.delete(channel);
      const work = queue.shift();
      if (queue.length > 0) this.#queues.set(channel, queue);
      this.#schedule();
      work?.();
    });
  }
}
