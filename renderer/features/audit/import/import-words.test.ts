// The sentences of an import: each figure that the report has is said, and nothing is called good that was not wholly taken.
import { describe, expect, it } from 'vitest';
import type { ImportedFile, ImportReport } from '#shared/domain/audit-import.ts';
import { reportSentence, reportTone, shownOf, totalsOf } from './import-words.ts';

const FILE: ImportedFile = { name: 'a.json', bytes: 10, sha256: 'a'.repeat(64), format: 'navi-json', outcome: 'taken', rows: 10, accepted: 10, skipped: 0, rejected: 0, changed: 0, oldestAt: null, newestAt: null };
const report = (over: Partial<ImportReport>, ...files: readonly Partial<ImportedFile>[]): ImportReport => ({
  importId: 1, deploymentId: 'd_1', at: '2026-11-22T10:00:00Z', mode: 'all-or-nothing', outcome: 'written', files: files.map((file) => ({ ...FILE, ...file })), problems: [], problemCount: 0, notes: [], ...over,
});

describe('import words', () => {
  it('adds up all files', () => {
    expect(totalsOf(report({}, { accepted: 4, skipped: 1 }, { rows: 7, accepted: 2, rejected: 3, changed: 2 }))).toEqual({ rows: 17, accepted: 6, skipped: 1, rejected: 3, changed: 2 });
  });

  it('says what was written, what was not, and that the first version stays', () => {
    expect(reportSentence(report({}, {}))).toBe('10 events were added.');
    expect(reportSentence(report({}, { accepted: 1 }))).toBe('1 event was added.');
    expect(reportSentence(report({}, { accepted: 0, skipped: 10 }))).toBe('No event was new, so none was added. 10 rows held already or empty.');
    expect(reportSentence(report({ mode: 'keep-good' }, { accepted: 5, skipped: 1, rejected: 3, changed: 1 }))).toBe('5 events were added. 1 row held already or empty · 1 row held with other content: the first version stays · 3 rows cannot be read.');
  });

  it('never says that something was written when it was not', () => {
    expect(reportSentence(report({ outcome: 'refused', importId: null }, { outcome: 'refused', accepted: 0, rejected: 3 }))).toBe('Nothing was written: 3 rows cannot be read, and all or nothing was asked for. The log is as it was.');
    const dry = reportSentence(report({ outcome: 'dry-run', importId: null }, { accepted: 7 }, { outcome: 'refused', accepted: 0, rejected: 3 }));
    expect(dry).toBe('Checked only; nothing was written. 7 events would be added. 1 file would be refused: 3 rows cannot be read.');
    expect(reportSentence(report({ outcome: 'dry-run', mode: 'keep-good', importId: null }, { rejected: 3 }))).not.toContain('refused');
  });

  it('tells what was written beside the files that were refused', () => {
    const refused = { outcome: 'refused' as const, accepted: 0 };
    expect(reportSentence(report({ outcome: 'partly-written' }, { accepted: 4, skipped: 6 }, { ...refused, rejected: 1 }))).toBe('4 events were added. 6 rows held already or empty. 1 file was refused, and nothing of it was written: 1 row cannot be read.');
    expect(reportSentence(report({ outcome: 'partly-written' }, { outcome: 'nothing-new', accepted: 0 }, { ...refused, rejected: 2 }, { ...refused, rejected: 3 }))).toBe('No event was new, so none was added. 2 files were refused, and nothing of them was written: 5 rows cannot be read.');
  });

  it('is green only when every row was taken or held', () => {
    expect(reportTone(report({}, {}))).toBe('good');
    expect(reportTone(report({}, { skipped: 4 }))).toBe('good');
    expect(reportTone(report({}, { rejected: 1 }))).toBe('age');
    expect(reportTone(report({}, { changed: 1 }))).toBe('age');
    expect(reportTone(report({ outcome: 'refused' }, { rejected: 1 }))).toBe('bad');
    expect(reportTone(report({ outcome: 'partly-written' }, {}, { outcome: 'refused', rejected: 1 }))).toBe('bad');
    expect(reportTone(report({ outcome: 'dry-run' }, {}))).toBe('info');
  });

  it('tells how many of the problems are listed', () => {
    expect(shownOf(3, 3)).toBe('3');
    expect(shownOf(200, 1430)).toBe('200 of 1,430');
  });
});
