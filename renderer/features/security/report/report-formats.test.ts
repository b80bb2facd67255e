// Every form of a report has words and a name of its own.
import { describe, expect, it } from 'vitest';
import { REPORT_FORMATS } from '#shared/contract/security-report.ts';
import { fileNameError } from '../../../components/file-name.ts';
import { REPORT_FORMS, reportForm, reportStem } from './report-formats.ts';

describe('the forms of a report', () => {
  it('offers each form of the contract once, with a line on what it is for and an extension that no other has', () => {
    expect(REPORT_FORMS.map(({ id }) => id).toSorted()).toEqual([...REPORT_FORMATS].toSorted());
    for (const key of ['title', 'text', 'extension'] as const) expect(new Set(REPORT_FORMS.map((form) => form[key])).size).toBe(REPORT_FORMATS.length);
    for (const format of REPORT_FORMATS) expect(reportForm(format).id).toBe(format);
  });

  it('begins a name that every system takes', () => {
    const stem = reportStem('Ünïted / „acme“ \u202eprod', Date.UTC(2026, 10, 22, 23, 59));
    expect(stem).toMatch(/^[A-Za-z0-9.-]+-security-2026-11-22$/u);
    for (const { extension } of REPORT_FORMS) expect(fileNameError(`${stem}.${extension}`, '\\')).toBeNull();
  });
});
