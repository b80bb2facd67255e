// Importing files into the audit log: the formats, and a report that accounts for every row with its line and reason.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

/**
 * navi-json: the export's JSON array. navi-csv: the export's CSV. navi-jsonl: one export row a line. holdfast-jsonl, holdfast-csv: our own exports.
 * karen-application-log: JSON lines of application.log and its like. karen-audit-json: pretty-printed objects one after the other, whatever the name says.
 * karen-orchestrator-log: model_orchestrator_audit.log. (../shared/contracts: navi 3.2, karen 7.)
 */
export const IMPORT_FORMATS = ['navi-json', 'navi-csv', 'navi-jsonl', 'holdfast-jsonl', 'holdfast-csv', 'karen-application-log', 'karen-audit-json', 'karen-orchestrator-log'] as const;
export const importFormat = z.enum(IMPORT_FORMATS);
export type ImportFormat = z.infer<typeof importFormat>;

export const IMPORT_FORMAT_NAMES: Readonly<Record<ImportFormat, string>> = {
  'navi-json': 'NAVI export, JSON', 'navi-csv': 'NAVI export, CSV', 'navi-jsonl': 'NAVI rows, JSON lines', 'holdfast-jsonl': 'Holdfast export, JSON lines', 'holdfast-csv': 'Holdfast export, CSV',
  'karen-application-log': 'AI-Karen log, JSON lines', 'karen-audit-json': 'AI-Karen audit log, pretty-printed JSON', 'karen-orchestrator-log': 'AI-Karen model orchestrator audit',
};

/** Why one row was not taken, or was not needed. Lines count from 1. */
export const importProblem = z.strictObject({
  file: z.int().min(0),
  line: z.int().min(1),
  /** skipped: held already, or empty. rejected: cannot be read. changed: held with other content, the first version is kept. */
  outcome: z.enum(['skipped', 'rejected', 'changed']),
  reason: z.string(),
  /** The beginning of the row as it stands in the file; null where it says nothing more. */
  excerpt: z.string().nullable(),
});
export type ImportProblem = z.infer<typeof importProblem>;

/** What the beginning of a file shows, before anything is read in full or written. */
export const inspectedFile = z.strictObject({
  path: z.string(),
  name: z.string(),
  bytes: z.int(),
  isGzip: z.boolean(),
  /** null: none that is known. */
  format: importFormat.nullable(),
  /** What was seen, in words: why this format, or why none. */
  finding: z.string(),
  /** Up to three of the first rows as they would be taken. */
  sample: z.array(z.strictObject({ createdAt: isoInstant, method: z.string(), route: z.string(), actor: z.string().nullable(), payload: z.string() })),
});
export type InspectedFile = z.infer<typeof inspectedFile>;

export const importedFile = z.strictObject({
  name: z.string(),
  bytes: z.int(),
  /** SHA-256 of the file as it lies on the disk, hex. */
  sha256: z.string(),
  format: importFormat,
  /**
   * What became of the file as a whole; in a dry run, what would. taken: rows of it were. nothing-new: it could be read, and none of its rows was new.
   * refused: a row was rejected and all-or-nothing was asked for, so that nothing of it was written.
   */
  outcome: z.enum(['taken', 'nothing-new', 'refused']),
  /** Places for a row in the file, empty ones included. */
  rows: z.int(),
  /** Taken, or given the payload that was missing; in a dry run: would be. Of a refused file nothing is: only `rejected` is counted then. */
  accepted: z.int(),
  skipped: z.int(),
  rejected: z.int(),
  changed: z.int(),
  oldestAt: isoInstant.nullable(),
  newestAt: isoInstant.nullable(),
});
export type ImportedFile = z.infer<typeof importedFile>;

export const importReport = z.strictObject({
  /** null: nothing was written (a dry run, or every file was refused). */
  importId: z.int().nullable(),
  deploymentId: z.string(),
  at: isoInstant,
  /** What happens to a file with a row that is rejected: nothing of it is written, or all of it but such rows. */
  mode: z.enum(['all-or-nothing', 'keep-good']),
  /** written: every file. partly-written: some files were refused, the others are in the cache. refused: every file was, and nothing was written. dry-run: only looked. */
  outcome: z.enum(['written', 'partly-written', 'refused', 'dry-run']),
  files: z.array(importedFile),
  /** The first problems, in the order of the files; `problemCount` counts all. */
  problems: z.array(importProblem),
  problemCount: z.int(),
  /** What else is to be said, for example that the witness could not sign what came. */
  notes: z.array(z.string()),
});
export type ImportReport = z.infer<typeof importReport>;
/** Problems that travel with a report; the rest is read page by page, up to PROBLEMS_KEPT. */
export const PROBLEMS_IN_REPORT = 200;
export const PROBLEMS_KEPT = 100_000;
