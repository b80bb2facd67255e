// Owns when generated events happen (working hours, weekends, bursts, ties); refuses times after the anchor or older than the span.
import type { RandomStream } from './random.ts';

export const SPAN_DAYS = 120;

const MILLIS_PER_HOUR = 3_600_000;
const WEEKEND_WEIGHT = 0.18;

/** Share of a day's events by hour, UTC: two working peaks, a lunch dip and a thin night of jobs. */
const HOUR_WEIGHTS = [1, 1, 1, 1, 1, 2, 3, 8, 14, 18, 19, 17, 11, 15, 19, 18, 15, 11, 6, 4, 3, 2, 2, 1] as const;

/** Chance that an event happens close after the one before it, and that it has the very same timestamp. */
const CLUSTER_CHANCE = 0.22;
const TIE_CHANCE = 0.02;
/** Chance of a whole second: Python leaves the fraction out of such a timestamp. */
const WHOLE_SECOND_CHANCE = 0.01;

/** `count` timestamps in microseconds, ascending, within SPAN_DAYS before `now`. */
export function eventTimes(random: RandomStream, count: number, now: Date): readonly number[] {
  const endMicros = now.getTime() * 1000;
  const startMicros = endMicros - SPAN_DAYS * 24 * MILLIS_PER_HOUR * 1000;
  const hours = weightedHours(random, now);
  const times: number[] = [];
  while (times.length < count) {
    const base = hours.pick(random) + random.below(MILLIS_PER_HOUR) * 1000 + random.below(1000);
    times.push(withinSpan(base));
    while (times.length < count && random.next() < CLUSTER_CHANCE) {
      const previous = times.at(-1) ?? base;
      times.push(withinSpan(previous + 40_000 + random.below(4_000_000)));
    }
  }
  times.sort((left, right) => left - right);
  for (let index = 1; index < times.length; index += 1) {
    const time = times[index] ?? endMicros;
    if (random.next() < TIE_CHANCE) times[index] = times[index - 1] ?? time;
    else if (random.next() < WHOLE_SECOND_CHANCE) times[index] = Math.max(times[index - 1] ?? 0, time - (time % 1_000_000));
  }
  return times;

  // The running hour is not over yet: what would fall behind the anchor happened an hour earlier.
  function withinSpan(micros: number): number {
    return Math.max(startMicros, micros > endMicros ? micros - MILLIS_PER_HOUR * 1000 : micros);
  }
}

/** A pick of hours by weekday, hour and a busyness of each day, as the start of the hour in microseconds. */
function weightedHours(random: RandomStream, now: Date): { pick(stream: RandomStream): number } {
  const lastHour = Math.floor(now.getTime() / MILLIS_PER_HOUR);
  const starts: number[] = [];
  const cumulative: number[] = [];
  let total = 0;
  let busyness = 1;
  for (let hour = lastHour - SPAN_DAYS * 24 + 1; hour <= lastHour; hour += 1) {
    const start = new Date(hour * MILLIS_PER_HOUR);
    if (start.getUTCHours() === 0) busyness = 0.6 + random.next() * 0.8 + (random.next() < 0.04 ? 2 : 0);
    const isWeekend = start.getUTCDay() === 0 || start.getUTCDay() === 6;
    total += (HOUR_WEIGHTS[start.getUTCHours()] ?? 1) * busyness * (isWeekend ? WEEKEND_WEIGHT : 1);
    starts.push(hour * MILLIS_PER_HOUR * 1000);
    cumulative.push(total);
  }
  return {
    pick(stream) {
      const wanted = stream.next() * total;
      let low = 0;
      let high = cumulative.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((cumulative[middle] ?? total) > wanted) high = middle;
        else low = middle + 1;
      }
      return starts[low] ?? starts[0] ?? 0;
    },
  };
}
