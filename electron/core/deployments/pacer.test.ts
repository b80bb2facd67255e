// Keeps the pace: never more than two requests in a second at one address, in the order of asking, and a cancelled one is gone at once.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { fakeClock, type FakeClock } from '../../../test/support/ports.ts';
import { createPacer, GAP_MS, type Pacer } from './pacer.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';

interface Sent { readonly name: string; readonly from: number; readonly to: number }

/** A request that takes so long by the clock, and is noted when it is sent and answered. */
function request({ clock, sent }: { readonly clock: FakeClock; readonly sent: Sent[] }, name: string, tookMs: number): () => Promise<void> {
  return () => new Promise((resolve) => {
    const from = clock.monotonicMs();
    clock.after(tookMs, () => {
      sent.push({ name, from, to: clock.monotonicMs() });
      resolve();
    });
  });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'sent';
}

/** Lets what is ready run, and the clock go on, until all is done. */
async function finish(clock: FakeClock, work: Promise<unknown>): Promise<void> {
  let isDone = false;
  void work.finally(() => { isDone = true; }).catch(() => undefined);
  for (let turns = 0; !isDone && turns < 10_000; turns += 1) {
    await new Promise((resolve) => { setImmediate(resolve); });
    await clock.advance(50);
  }
}

function bench(): { clock: FakeClock; pacer: Pacer; sent: Sent[]; ask: (name: string, tookMs?: number, signal?: AbortSignal) => Promise<void> } {
  const clock = fakeClock();
  const pacer = createPacer(clock);
  const sent: Sent[] = [];
  return { clock, pacer, sent, ask: (name, tookMs = 20, signal = undefined) => pacer.send(request({ clock, sent }, name, tookMs), signal) };
}

describe('the pacer', () => {
  it('sends one after the other, each half a second after the answer before', async () => {
    const { clock, sent, ask } = bench();
    await finish(clock, Promise.all([ask('a', 5), ask('b', 900), ask('c', 5)]));
    expect(sent.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    sent.slice(1).forEach(({ from }, index) => expect(from - (sent[index]?.to ?? 0)).toBeGreaterThanOrEqual(GAP_MS));
    expect(sent[0]?.from).toBe(0);
  });

  it('keeps its distance from a request that did not wait', async () => {
    const { clock, pacer, sent, ask } = bench();
    await clock.advance(1000);
    pacer.note();
    await finish(clock, ask('a'));
    expect(sent[0]?.from).toBeGreaterThanOrEqual(1000 + GAP_MS);
  });

  it('a failure takes its turn like an answer', async () => {
    const { clock, pacer, sent, ask } = bench();
    const failing = pacer.send(() => Promise.reject(new Error('broken')), undefined);
    await expect(failing).rejects.toThrow('broken');
    await finish(clock, ask('a'));
    expect(sent[0]?.from).toBeGreaterThanOrEqual(GAP_MS);
  });

  it('whoever is cancelled in the queue leaves at once, and those behind do not overtake', async () => {
    const { clock, sent, ask } = bench();
    const controller = new AbortController();
    const first = ask('a', 2000);
    const second = ask('b', 5, controller.signal);
    const third = ask('c', 5);
    controller.abort();
    // The clock stands still: nothing but the cancel can have ended it.
    expect(await codeOf(second)).toBe('cancelled');
    expect(sent).toEqual([]);
    await finish(clock, Promise.all([first, third]));
    expect(sent.map(({ name }) => name)).toEqual(['a', 'c']);
    expect((sent[1]?.from ?? 0) - (sent[0]?.to ?? 0)).toBeGreaterThanOrEqual(GAP_MS);
    const late = new AbortController();
    const waiting = ask('d', 5, late.signal);
    await new Promise((resolve) => { setImmediate(resolve); });
    late.abort();
    expect(await codeOf(waiting)).toBe('cancelled');
    expect(await codeOf(ask('e', 5, AbortSignal.abort()))).toBe('cancelled');
    expect(sent).toHaveLength(2);
  });

  it('whatever comes and goes, no second sees three arrivals', async () => {
    const asking = fc.record({ waitMs: fc.nat(700), tookMs: fc.nat(1500), cancelAfterMs: fc.option(fc.nat(1500), { nil: null }), isNoted: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.array(asking, { minLength: 1, maxLength: 12 }), async (all) => {
      const { clock, pacer, sent, ask } = bench();
      const work: Promise<unknown>[] = [];
      for (const [index, { waitMs, tookMs, cancelAfterMs, isNoted }] of all.entries()) {
        await clock.advance(waitMs);
        if (isNoted) pacer.note();
        const controller = new AbortController();
        if (cancelAfterMs !== null) clock.after(cancelAfterMs, () => controller.abort());
        work.push(codeOf(ask(String(index), tookMs, controller.signal)));
      }
      await finish(clock, Promise.all(work));
      const outcomes = await Promise.all(work);
      expect(sent).toHaveLength(outcomes.filter((outcome) => outcome === 'sent').length);
      // A request arrives somewhere between its start and its end; the worst case is the end of one and the start of the one after the next.
      sent.slice(2).forEach(({ from }, index) => expect(from - (sent[index]?.to ?? 0)).toBeGreaterThan(1000));
    }), { seed, numRuns: isLong ? 300 : 60 });
  });
});
