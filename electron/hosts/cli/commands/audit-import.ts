// The command that brings files into the audit log: what they are, what was taken, and every row that was not, with its line and reason.
import { resolve } from 'node:path';
import { IMPORT_FORMAT_NAMES } from '#shared/domain/audit-import.ts';
import type { ImportedFile, ImportProblem, ImportReport } from '#shared/domain/audit-import.ts';
import { command } from '../command.ts';
import type { Command, Failing, Served } from '../command.ts';
import { counted, say, table } from '../print.ts';
import type { Cell } from '../print.ts';
import { deploymentNamed } from './named.ts';

const PAGE = 1000;
/** Problems that are printed; --json gives as many as are kept. */
const PRINTED = 1000;

const importFiles = command({
  words: ['audit', 'import'],
  summary: 'Bring files into the cached audit log of a deployment. Asks nobody.',
  arguments: [{ name: 'FILE…', type: 'texts', about: 'exports of NAVI or Holdfast (JSON, JSON lines, CSV) and log files of AI-Karen, also as gzip' }],
  options: {
    deployment: { type: 'text', value: 'NAME', required: true, about: 'the deployment whose log this is' },
    'dry-run': { type: 'flag', about: 'do everything but write' },
    'keep-good': { type: 'flag', about: 'take the rows that can be read when others of the file cannot; without it one such row refuses its whole file' },
  },
  notes: ['Rows that are held already are skipped. A row that is held with other content is kept as it was first seen, and reported.'],
}, async ({ args: [files], options }, context) => {
  const { report, problems } = await context.serve(['deployment.list', 'audit.import', 'audit.importProblems'], async (app) => {
    const { id } = await deploymentNamed(app, options.deployment);
    const done = await app.call('audit.import', { deploymentId: id, paths: files.map((file) => resolve(file)), mode: options['keep-good'] ? 'keep-good' : 'all-or-nothing', dryRun: options['dry-run'] });
    return { report: done, problems: await problemsOf(app, done) };
  });
  const names = report.files.map((file) => file.name);
  const rows = report.files.map((file) => [file.name, IMPORT_FORMAT_NAMES[file.format], OUTCOMES[file.outcome], file.rows, file.accepted, file.skipped, file.rejected, file.changed]);
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const shown = problems.filter(({ outcome }) => outcome !== 'skipped').slice(0, PRINTED);
  const skipped = report.files.reduce((sum, file) => sum + file.skipped, 0);
  const others = report.problemCount - skipped - shown.length;
  const text = [
    table([{ title: 'FILE', cut: true }, { title: 'FORMAT' }, { title: 'OUTCOME' }, right('ROWS'), right('ACCEPTED'), right('SKIPPED'), right('REJECTED'), right('CHANGED')], rows, context.look),
    '',
    ...shown.map((problem) => say`${names[problem.file] ?? ''}:${problem.line}: ${problem.outcome === 'changed' ? '' : 'rejected: '}${problem.reason}`),
    ...(others > 0 ? [`… and ${others} more.`] : []),
    ...refusedOf(report).map(({ name, rejected }) => say`${name}: ${report.outcome === 'dry-run' ? 'would be refused' : 'refused, and nothing of it was written'}: ${counted(rejected, 'row')} cannot be read.`),
    outcomeOf(report),
    ...report.notes.map((note) => say`${note}`),
  ].join('\n');
  return { document: { ...report, problems }, text, failing: failingOf(report) };
});

const OUTCOMES: Readonly<Record<ImportedFile['outcome'], Cell>> = { taken: 'taken', 'nothing-new': 'nothing new', refused: { text: 'refused', tone: 'bad' } };

/** All that are kept; of a refused import or a dry run only the first are known. */
async function problemsOf(app: Served<'audit.importProblems'>, report: ImportReport): Promise<readonly ImportProblem[]> {
  if (report.importId === null || report.problems.length === report.problemCount) return report.problems;
  const all: ImportProblem[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: { problems: ImportProblem[]; next: number | null } = await app.call('audit.importProblems', { importId: report.importId, after, limit: PAGE });
    all.push(...page.problems);
    after = page.next;
  }
  return all;
}

const refusedOf = ({ files }: Pick<ImportReport, 'files'>): readonly ImportedFile[] => files.filter(({ outcome }) => outcome === 'refused');

function outcomeOf({ outcome, importId, files }: ImportReport): string {
  const taken = counted(files.reduce((total, file) => total + file.accepted, 0), 'row');
  if (outcome === 'refused') return 'Nothing was written.';
  if (outcome === 'dry-run') return `Dry run: ${taken} would be taken. Nothing was written.`;
  return `Written as import ${importId ?? 0}: ${taken} taken${outcome === 'written' ? '' : ` from ${counted(files.length - refusedOf({ files }).length, 'file')} of ${files.length}`}.`;
}

/** One file that is refused is a failure, whatever became of the others. */
function failingOf(report: ImportReport): Failing | undefined {
  const refused = refusedOf(report).map(({ name }) => say`"${name}"`);
  if (refused.length === 0) return undefined;
  const rest = report.outcome === 'dry-run' ? 'Nothing was written: this was a dry run.' : report.outcome === 'refused' ? 'Nothing was written.' : 'Nothing of that is written; the other files are.';
  return {
    code: 'file_unreadable', message: `${report.outcome === 'dry-run' ? 'Would be refused' : 'Refused'}, because rows cannot be read: ${refused.join(', ')}. ${rest}`,
    hint: 'Correct what is named with its line, or take the rows that can be read with --keep-good.',
  };
}

export const auditImportCommands: readonly Command[] = [importFiles];
