// Reports of runs, blank sheets and messages: made from what is kept, given as text in parts or written to a file that appears whole. Nobody is asked.
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import type { Library } from '../runs/library.ts';
import type { Runs } from '../runs/service.ts';
import type { RunStore } from '../runs/store.ts';
import { blankSheet } from './blank-sheet.ts';
import type { ReportDocument } from './document.ts';
import { htmlReport } from './html.ts';
import { markdownReport } from './markdown.ts';
import { filledMessage } from './message.ts';
import { pdfReport } from './pdf.ts';
import { runReport } from './run-report.ts';

/** Characters in one part, well below what one message may hold. */
export const PART_CHARACTERS = 250_000;

export interface RunReports {
  report(input: ParsedInput<'run.report'>): Promise<CallOutput<'run.report'>>;
  reportText(input: ParsedInput<'run.reportText'>): CallOutput<'run.reportText'>;
  message(input: ParsedInput<'run.message'>): CallOutput<'run.message'>;
  blank(input: ParsedInput<'runbook.blank'>): Promise<CallOutput<'runbook.blank'>>;
}

export interface RunReportsDeps {
  readonly session: Pick<Session, 'onClosing'>; readonly store: RunStore; readonly runs: Pick<Runs, 'view'>; readonly library: Pick<Library, 'find'>; readonly clock: Clock; readonly profileDir: string;
  /** Of this program. */
  readonly version: string;
}

const TEXTS = { md: markdownReport, html: htmlReport } as const;

/** Writes bytes to a file of the admin: whole, or not at all. @throws AppError file_exists, file_unwritable, disk_full */
export async function writeOut(make: () => Promise<Buffer | string> | Buffer | string, { path, overwrite, profileDir }: { readonly path: string; readonly overwrite: boolean; readonly profileDir: string }): Promise<{ readonly path: string; readonly sha256: string; readonly bytes: number }> {
  // First the file: where it cannot be written, nothing needs to be made.
  const file = await openAtomicFile(path, { profileDir, mayReplace: () => Promise.resolve(overwrite) });
  try {
    await file.write(await make());
    return { path, ...await file.commit() };
  } catch (error) {
    await file.abort();
    throw error;
  }
}

export function createRunReports({ session, store, runs, library, clock, profileDir, version }: RunReportsDeps): RunReports {
  function documentOf(runId: string, nowMs: number): ReportDocument {
    const run = store.load(runId);
    return runReport({ run, view: runs.view(run), nowMs, version });
  }

  /** The text that is being read in parts: all of them are of one time. */
  let held: { readonly key: string; readonly text: string } | null = null;
  session.onClosing(() => { held = null; });

  return {
    report({ runId, format, path, overwrite }) {
      const document = documentOf(runId, clock.now());
      return writeOut(() => (format === 'pdf' ? pdfReport(document) : TEXTS[format](document)), { path, overwrite, profileDir });
    },
    reportText({ runId, format, offset }) {
      const key = `${format} ${runId}`;
      if (offset === 0 || held?.key !== key) held = { key, text: TEXTS[format](documentOf(runId, clock.now())) };
      const { text } = held;
      // Never between the halves of a character.
      const isHalf = /[\ud800-\udbff]/.test(text.charAt(offset + PART_CHARACTERS - 1));
      const end = Math.min(text.length, offset + PART_CHARACTERS - (isHalf ? 1 : 0));
      if (end >= text.length) held = null;
      return { text: text.slice(offset, end), nextOffset: end < text.length ? end : null };
    },
    message: ({ runId, template }) => filledMessage(store.load(runId), template, clock.now()),
    blank({ id, path, overwrite }) {
      const { pack, digest } = library.find(id);
      return writeOut(() => blankSheet(pack, digest), { path, overwrite, profileDir });
    },
  };
}
