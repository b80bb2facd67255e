// When the five fields of a crontab come true: by example, and against counting every day of 28 years.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { cronTimes } from './cron-times.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';

describe('cron', () => {
  it.each([
    ['15 2 * * *', 366], ['@daily', 366], ['* * * * *', 366 * 1440], ['*/30 * * * *', 366 * 48], ['0 0 29 2 *', 1], ['0 0 31 2 *', 0], ['0 0 30,31 feb *', 0], ['0 0 31 2,4,6,9,11 *', 0], ['0 3 1 jan *', 1], ['0 0 31 2 MON', 29 / 7],
    ['0 4 * * 0', 366 / 7], ['0 4 * * 7', 366 / 7], ['0 4 * * sun-sat', 366], ['5-10/5 0 * * *', 732], ['@every 12h', 732], ['? 2 ? * ?', 366 * 60],
  ])('%s', (text, perYear) => {
    const times = cronTimes(text);
    expect(times.ok && times.perYear).toBeCloseTo(perYear, 5);
  });

  it.each([
    ['60 2 * * *', '60 is no minute'], ['0 24 * * *', '24 is no hour'], ['0 0 0 * *', '0 is no day of the month'], ['0 0 * 13 *', '13 is no month'], ['0 0 * * 8', '8 is no day of the week'], ['0 0 * * x', 'is no day of the week'],
    ['0 0 * *', '4 fields'], ['0 0 * * * *', '6 fields'], ['10-5 * * * *', 'goes backwards'], ['*/0 * * * *', 'no step'], ['1/2/3 * * * *', 'no step'], ['@never', 'no known nickname'], ['1-2-3 * * * *', 'no range'], ['', '1 fields'],
  ])('refuses %j', (text, reason) => {
    const times = cronTimes(text);
    expect(times.ok ? '' : times.reason).toContain(reason);
  });

  const field = (low: number, high: number) => fc.oneof({ weight: 2, arbitrary: fc.constant('*') }, fc.integer({ min: low, max: high }).map(String), fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`), fc.array(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 3 }).map((each) => each.join(',')));

  it('never means that no day of 28 years fits (property)', () => {
    const days = Array.from({ length: 28 * 366 }, (_, index) => new Date(Date.UTC(2000, 0, 1 + index)));
    const holds = (text: string, low: number, value: number): boolean => text.split(',').some((part) => {
      if (part === '*') return true;
      const [from = low, to = from] = part.split('-').map(Number);
      return value >= from && value <= to;
    });
    fc.assert(fc.property(field(25, 31), field(1, 12), field(0, 7), (day, month, week) => {
      const times = cronTimes(`15 2 ${day} ${month} ${week}`);
      const runs = days.some((date) => {
        const weekday = date.getUTCDay();
        const [onDay, onWeek] = [holds(day, 1, date.getUTCDate()), holds(week, 0, weekday) || (weekday === 0 && holds(week, 0, 7))];
        return holds(month, 1, date.getUTCMonth() + 1) && (day !== '*' && week !== '*' ? onDay || onWeek : onDay && onWeek);
      });
      expect(times.ok && times.perYear > 0).toBe(runs);
    }), { seed, numRuns: isLong ? 2000 : 300 });
  });
});
