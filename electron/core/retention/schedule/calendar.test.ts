// When OnCalendar= comes true: by example, and against what systemd itself says of it.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { calendarTimes } from './calendar.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const YEAR = new Date().getUTCFullYear();

describe('OnCalendar', () => {
  it.each([
    ['*-*-* 02:15:00 UTC', { isNever: false, perDay: 1, perYear: 366, zone: 'UTC' }], ['*-*-* 02:15:00', { zone: null, perYear: 366 }], ['daily', { perYear: 366, zone: null }], ['daily UTC', { zone: 'UTC' }], ['02:15', { perYear: 366 }],
    ['Mon..Fri 2:15 Europe/Berlin', { zone: 'Europe/Berlin', perYear: 366 * 5 / 7 }], ['*-02-31', { isNever: true }], ['2020-01-01', { isNever: true }], ['*:0/5', { perDay: 288 }], ['minutely', { perDay: 1440 }], ['*-*-01 00:00:00 UTC', { perYear: 12 }], ['12-24 03:00', { perYear: 1 }],
    ['Mon-Fri 02:15 UTC', { zone: 'UTC', perYear: 366 * 5 / 7 }], ['*-*-* 02:15:00 CET', { zone: 'CET' }], ['*-*-* 02:15:00 GMT', { zone: 'GMT' }], ['semi-annually', { perYear: 2 }],
  ])('%s', (text, expected) => {
    expect(calendarTimes(text, YEAR)).toMatchObject({ state: 'judged', ...expected });
  });

  it.each(['15 2 * * *', '*-13-* 00:00', '*-*-* 25:00', '*-*-* 02:60', '*-*-32', '', 'Fri..Mon 02:00', '*:*/5', '*:55/5', '*-*-*/2 02:00', '2200-01-01', 'tomorrow', '@daily', 'midnight', '*-*-* 02:15:00 +00:00', '*-*-* 02:15:00 Z', 'every day at 2', '02:15:00UTC', 'UTC', '2026', '*-*-*T02:15:00 UTC'])('is wrong: %j', (text) => expect(calendarTimes(text, YEAR).state).toBe('wrong'));
  it.each(['*-*~1 00:00', 'Mon *-05~07/1', '*-*-* 02:15:00.5', '*-*-* 02:15:00 Mars/Base', '@1700000000'])('is not judged: %j', (text) => expect(calendarTimes(text, YEAR).state).toBe('unjudged'));

  const part = (low: number, high: number) => fc.oneof({ weight: 2, arbitrary: fc.constant('*') }, fc.integer({ min: low, max: high }).map(String), fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high })).map(([a, b]) => `${Math.min(a, b)}..${Math.max(a, b)}`), fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: 1, max: 9 })).map(([a, b]) => `${a}/${b}`));
  const expressions = fc.tuple(fc.constantFrom('', 'Mon ', 'Sat,Sun ', 'Mon..Thu '), fc.oneof(fc.constant('*'), fc.integer({ min: YEAR - 2, max: YEAR + 6 }).map(String)), part(1, 12), part(27, 32), part(0, 25), fc.constantFrom('', ' UTC', ' Europe/Berlin')).map(([week, year, month, day, hour, zone]) => `${week}${year}-${month}-${day} ${hour}:15${zone}`);

  it.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('says what systemd says of it (property; skipped where systemd-analyze is not installed)', () => {
    const now = new Date();
    // On the last days of a year what is left of it may be nothing.
    const isLate = now.getUTCMonth() === 11;
    for (const text of fc.sample(expressions, { seed, numRuns: isLong ? 400 : 80 })) {
      const ours = calendarTimes(text, YEAR);
      const { status, stdout, stderr } = spawnSync('systemd-analyze', ['calendar', text], { encoding: 'utf8' });
      // systemd can read it, and loses itself in counting on.
      if (ours.state === 'unjudged' || stderr.includes('deadlock')) continue;
      expect.soft(ours.state === 'judged', text).toBe(status === 0);
      if (ours.state !== 'judged' || status !== 0) continue;
      const never = /Next elapse: never/.test(stdout);
      // A weekday that does not fall on such a day, or a part of this year that is over, is left to systemd: never is said only where it is sure.
      if (ours.isNever) expect.soft(never, text).toBe(true);
      else if (!/^[MS]/.test(text) && !text.includes(String(YEAR)) && !isLate) expect.soft(never, text).toBe(false);
    }
  });
});
