// Keeps: what fails somewhere stands first, no check of the fleet is lost, and keys stay inside the grid.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellForKey, fleetChecks } from './fleet-order.ts';
import type { FleetRow } from './fleet-order.ts';

const checks = [{ id: 'a', title: 'A', severity: 'low' }, { id: 'b', title: 'B', severity: 'critical' }, { id: 'c', title: 'C', severity: 'high' }, { id: 'd', title: 'D', severity: 'high' }, { id: 'gone', title: 'Z', severity: 'high' }] as const;
const row = (name: string, states: FleetRow['states']): FleetRow => ({
  deploymentId: `d_${name}`, name, kind: 'navi', environment: 'production', baselineId: 'x', observedAt: null, counts: { pass: 0, fail: 0, accepted: 0, unknown: 0, stale: 0, 'not-applicable': 0 }, summary: '', states,
});
const rows = [row('one', { a: 'fail', b: 'pass', c: 'unknown', d: 'pass' }), row('two', { a: 'pass', b: 'accepted', c: 'pass' })];

test('failing first, then by severity; all shows every check that some deployment has', () => {
  expect(fleetChecks({ checks: [...checks], rows }, 'all').map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  expect(fleetChecks({ checks: [...checks], rows }, 'attention').map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(fleetChecks({ checks: [...checks], rows }, 'failing').map(({ id }) => id)).toEqual(['a']);
  expect(fleetChecks({ checks: [...checks], rows: [] }, 'all')).toEqual([]);
});

test('keys stay inside the grid', () => {
  const keys = fc.constantFrom('ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageDown', 'PageUp');
  fc.assert(fc.property(fc.array(fc.tuple(keys, fc.boolean())), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 8 }), (pressed, height, width) => {
    let at = { row: 0, column: 0 };
    for (const [key, isControl] of pressed) at = cellForKey(key, { isControl, at, rows: height, columns: width }) ?? at;
    expect(at.row >= 0 && at.row < height && at.column >= 0 && at.column < width).toBe(true);
  }));
  expect(cellForKey('x', { isControl: false, at: { row: 0, column: 0 }, rows: 2, columns: 2 })).toBeNull();
  expect(cellForKey('End', { isControl: true, at: { row: 0, column: 0 }, rows: 3, columns: 2 })).toEqual({ row: 2, column: 1 });
});
