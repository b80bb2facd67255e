// The sentence about coverage: complete only when every stretch says so.
import { describe, expect, it } from 'vitest';
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { coverageSummary } from './coverage-words.ts';

const segment = (state: CoverageSegment['state']): CoverageSegment => ({ from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z', state, reason: null, observedAt: null });

describe('coverage before an export', () => {
  it('says that nothing is known when nothing was read', () => {
    expect(coverageSummary([]).sentence).toMatch(/never read/u);
    expect(coverageSummary([segment('unread')]).sentence).toMatch(/never read/u);
    expect(coverageSummary([]).tone).toBe('age');
  });

  it('says complete only when every stretch is', () => {
    expect(coverageSummary([segment('complete'), segment('complete')])).toMatchObject({ tone: 'info', missing: [] });
    for (const state of ['own-org', 'gap', 'unread'] as const) {
      const summary = coverageSummary([segment('complete'), segment(state)]);
      expect(summary.tone).toBe('age');
      expect(summary.missing).toHaveLength(1);
      expect(summary.sentence).toMatch(/not complete/u);
    }
  });

  it('counts gaps apart from what was not read', () => {
    expect(coverageSummary([segment('gap'), segment('complete'), segment('gap'), segment('unread')]).sentence).toBe('The log held here is not complete: 2 gaps and 1 stretch not read completely. The manifest names them.');
  });
});
