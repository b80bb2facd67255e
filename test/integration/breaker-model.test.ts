// R51: the breaker against a model of it, over schedules at random.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { answer, failure, manualClock, outcome, wasAsked, way } from '../support/breaker-way.ts';
import type { ManualClock } from '../support/breaker-way.ts';
import type { Breaker } from '#core/deployments/breaker.ts';
import type { HttpAnswer } from '#core/deployments/http.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

/** The breaker as a newcomer would draw it: two states and a time. */
interface Model {
  state: 'closed' | 'open';
  inARow: number;
  nowMs: number;
  openedAtMs: number;
  /** Requests under way. */
  readonly flying: { readonly isTrial: boolean }[];
  readonly actions: { hasAsked: boolean }[];
}
interface Real {
  readonly breaker: Breaker;
  readonly clock: ManualClock;
  readonly actions: { ask(): Promise<HttpAnswer> }[];
  readonly flying: { readonly end: PromiseWithResolvers<HttpAnswer>; readonly seen: Promise<unknown> }[];
  readonly way: ReturnType<typeof way>;
}
type Command = fc.AsyncCommand<Model, Real>;
const tally = { sent: 0, refused: 0, opened: 0, closed: 0, trials: 0 };

const halfOpen = (model: Model): boolean => model.state === 'open' && model.nowMs - model.openedAtMs >= 30_000;
const agree = (model: Model, { breaker }: Real): void => {
  expect(breaker.state()).toBe(model.state === 'closed' ? 'closed' : halfOpen(model) ? 'half-open' : 'open');
};

/** Sends one request, of a new action or of one that is under way, and leaves it flying. */
const ask = (pick: number | null): Command => ({
  toString: () => (pick === null ? 'a new action asks' : `action ${pick} asks again`),
  check: (model) => pick === null || model.actions.length > 0,
  async run(model, real) {
    if (pick === null) {
      model.actions.push({ hasAsked: false });
      real.actions.push(real.way.start());
    }
    const index = pick === null ? model.actions.length - 1 : pick % model.actions.length;
    const [mine, theirs] = [model.actions[index], real.actions[index]];
    if (mine === undefined || theirs === undefined) throw new Error('the model lost an action');
    const goes = !mine.hasAsked || model.state === 'closed' || (halfOpen(model) && !model.flying.some((one) => one.isTrial));
    const before = real.way.sent.length;
    const end = Promise.withResolvers<HttpAnswer>();
    real.way.waitsFor(end.promise);
    const seen = outcome(theirs.ask());
    await Promise.resolve();
    if (goes) {
      mine.hasAsked = true;
      model.flying.push({ isTrial: model.state === 'open' });
      real.flying.push({ end, seen });
      tally.sent += 1;
      if (model.state === 'open') tally.trials += 1;
    } else {
      expect(wasAsked(await seen)).toBe(false);
      tally.refused += 1;
    }
    expect(real.way.sent.length - before).toBe(goes ? 1 : 0);
    agree(model, real);
  },
});

type Ending = 'answer' | 'unavailable' | 'reset' | 'cancelled';
/** Ends one of the requests that are flying. */
const land = (pick: number, ending: Ending): Command => ({
  toString: () => `request ${pick} ends: ${ending}`,
  check: (model) => model.flying.length > 0,
  async run(model, real) {
    const index = pick % model.flying.length;
    model.flying.splice(index, 1);
    const [one] = real.flying.splice(index, 1);
    if (one === undefined) throw new Error('the model has a request more');
    const { end, seen } = one;
    if (ending === 'answer') end.resolve(answer(403));
    else if (ending === 'unavailable') end.resolve(answer(503));
    else end.reject(failure(ending === 'reset' ? 'connection_reset' : 'cancelled'));
    const given = await seen;
    expect(given instanceof AppError ? given.code : given).toBe({ answer: 403, unavailable: 503, reset: 'connection_reset', cancelled: 'cancelled' }[ending]);
    if (ending === 'answer') {
      if (model.state === 'open') tally.closed += 1;
      model.state = 'closed';
      model.inARow = 0;
    } else if (ending !== 'cancelled') {
      model.inARow += 1;
      if (model.state === 'open' || model.inARow === 5) {
        if (model.state === 'closed') tally.opened += 1;
        model.state = 'open';
        model.openedAtMs = model.nowMs;
      }
    }
    agree(model, real);
  },
});

const pass = (ms: number): Command => ({
  toString: () => `${ms} ms pass`,
  check: () => true,
  async run(model, real) {
    model.nowMs += ms;
    real.clock.go(ms);
    agree(model, real);
  },
});

it('R51: the breaker does what its model does, whatever succeeds, fails, passes and is asked for in whatever order', async () => {
  const pick = fc.nat(20);
  const endings = fc.constantFrom<Ending[]>('unavailable', 'reset', 'unavailable', 'reset', 'unavailable', 'reset', 'unavailable', 'answer', 'cancelled');
  const commands = fc.commands([
    fc.constant(ask(null)), pick.map((index) => ask(index)), pick.map((index) => ask(index)),
    fc.tuple(pick, endings).map(([index, ending]) => land(index, ending)), fc.tuple(pick, endings).map(([index, ending]) => land(index, ending)), fc.tuple(pick, endings).map(([index, ending]) => land(index, ending)),
    fc.constantFrom(1, 10_000, 29_999, 30_000, 45_000).map(pass),
  ], { maxCommands: 80, size: 'max' });
  await fc.assert(fc.asyncProperty(commands, async (list) => {
    await fc.asyncModelRun((): { model: Model; real: Real } => {
      const clock = manualClock();
      const made = way(clock);
      return { model: { state: 'closed', inARow: 0, nowMs: 0, openedAtMs: 0, flying: [], actions: [] }, real: { breaker: made.breaker, clock, actions: [], flying: [], way: made } };
    }, list);
  }), { numRuns: 1000, seed });
  // The runs went where it matters.
  for (const count of Object.values(tally)) expect(count).toBeGreaterThan(200);
});
