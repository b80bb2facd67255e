// What comes out of a run on the command line: its report, messages, evidence and checklists. A file that exists is never written over unasked.
import { resolve } from 'node:path';
import type { CallOutput } from '#shared/contract.ts';
import { visibleBlock } from '#shared/domain/visible-text.ts';
import { AppError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command, Failing, Served } from '../command.ts';
import { UsageError } from '../failure.ts';
import { counted, fields, say, table, wrapped } from '../print.ts';
import type { Cell, Look, Tone } from '../print.ts';
import { outFile, OVERWRITE, refuseExisting } from './out-file.ts';
import { refuseUnknown, RUN, runNamed, stepNamed, viewNamed } from './runbook-named.ts';
import { describeEvidence } from './runbook-text.ts';

const OUT = { type: 'text', value: 'FILE', about: 'the file to write; one that exists is refused' } as const;
const NEEDED = { ...OUT, required: true } as const;

interface Written { readonly path: string; readonly sha256: string; readonly bytes: number }
const describeFile = ({ path, bytes, sha256 }: Written, look: Look): string => fields([['File', path], ['Bytes', bytes], ['SHA-256', sha256]], look);

const report = command({
  words: ['runbook', 'report'],
  summary: 'Make the report of a run: timeline, decisions, durations, steps, evidence, signatures and open actions.',
  arguments: [RUN],
  options: { format: { type: 'text', value: 'FORMAT', choices: ['md', 'html', 'pdf'], required: true, about: 'without --out, md and html go to standard output, and pdf to RUN.pdf in the current folder' }, out: OUT, overwrite: OVERWRITE },
}, async ({ args: [run], options: { format, out, overwrite } }, context) => {
  const topic = ['runbook', 'report'];
  if (out === undefined && format !== 'pdf') {
    const { runId, text } = await context.serve(['run.list', 'run.reportText'], async (app) => {
      const meant = await runNamed(app, run);
      const parts: string[] = [];
      for (let offset: number | null = 0; offset !== null;) {
        const part: { text: string; nextOffset: number | null } = await app.call('run.reportText', { runId: meant, format, offset });
        parts.push(part.text);
        offset = part.nextOffset;
      }
      return { runId: meant, text: parts.join('') };
    });
    return { document: { run: runId, format, text }, text: visibleBlock(text.replace(/\n$/, '')) };
  }
  if (out !== undefined) refuseExisting(outFile(out, topic), overwrite);
  const { runId, written } = await context.serve(['run.list', 'run.report'], async (app) => {
    const meant = await runNamed(app, run);
    const path = outFile(out ?? `${meant}.pdf`, topic);
    refuseExisting(path, overwrite);
    return { runId: meant, written: await app.call('run.report', { runId: meant, format, path, overwrite }) };
  });
  return { document: { run: runId, format, ...written }, text: describeFile(written, context.look) };
});

const message = command({
  words: ['runbook', 'message'],
  summary: 'Fill in a message of the runbook from the run. Without a template: which there are.',
  arguments: [RUN, { name: 'TEMPLATE', type: 'text', about: 'id of the message', optional: true }],
  options: {},
  notes: ['It is printed, not sent. What the run does not know stands as a gap, and is named.'],
}, async ({ args: [run, typed] }, context) => {
  if (typed === null) {
    const view = await context.serve(['run.list', 'run.show'], (app) => viewNamed(app, run));
    const templates = view.pack.comms.map(({ id, title }) => ({ id, title }));
    return { document: { run: view.runId, templates }, text: templates.length === 0 ? 'This runbook has no messages.' : templates.map(({ id, title }) => wrapped(`${id}: ${title}`, '', context.look)).join('\n') };
  }
  const { runId, filled } = await context.serve(['run.list', 'run.show', 'run.message'], async (app) => {
    const { runId: meant, pack } = await viewNamed(app, run);
    if (!pack.comms.some(({ id }) => id === typed)) refuseUnknown('template_not_found', { message: `"${pack.title}" has no message "${typed}".`, typed, choices: pack.comms.map(({ id }) => id), none: 'It has none at all.' });
    return { runId: meant, filled: await app.call('run.message', { runId: meant, template: typed }) };
  });
  if (filled.lacking.length > 0) context.note(`The run does not know yet: ${filled.lacking.join(', ')}. Fill these in before you send it.`);
  return { document: { run: runId, ...filled }, text: `${say`${filled.title}`}\n\n${visibleBlock(filled.text.trimEnd())}` };
});

const evidence = command({
  words: ['runbook', 'evidence'],
  summary: 'List the evidence of a run, or write one piece to a file.',
  arguments: [RUN, { name: 'DIGEST', type: 'text', about: 'digest of a piece, or its beginning', optional: true }],
  options: { out: OUT, overwrite: OVERWRITE },
}, async ({ args: [run, typed], options: { out, overwrite } }, context) => {
  const topic = ['runbook', 'evidence'];
  if ((typed === null) !== (out === undefined)) throw new UsageError(typed === null ? 'DIGEST is missing: say which piece is to be written.' : '--out FILE is missing.', topic);
  if (typed === null || out === undefined) {
    const view = await context.serve(['run.list', 'run.show'], (app) => viewNamed(app, run));
    return { document: { run: view.runId, evidence: view.evidence }, text: describeEvidence(view, context.look) };
  }
  const path = outFile(out, topic);
  refuseExisting(path, overwrite);
  const { runId, digest, written } = await context.serve(['run.list', 'run.show', 'run.saveEvidence'], async (app) => {
    const view = await viewNamed(app, run);
    const wanted = typed.trim().toLowerCase();
    const digests = [...new Set(view.evidence.map((each) => each.digest))];
    const meant = digests.filter((each) => each.startsWith(wanted));
    const [only] = meant;
    if (only === undefined || meant.length > 1) refuseUnknown('evidence_not_found', { message: `${meant.length === 0 ? 'No piece' : 'More than one piece'} of evidence of this run begins with "${typed}". Nothing was written.`, typed: wanted, choices: meant.length > 1 ? meant : digests, none: 'It has no evidence yet.' });
    return { runId: view.runId, digest: only, written: await app.call('run.saveEvidence', { runId: view.runId, digest: only, path, overwrite }) };
  });
  return { document: { run: runId, digest, ...written }, text: describeFile(written, context.look) };
});

const OUTPUT_MAX_BYTES = 1_000_000;
type Source = Parameters<Served<'run.addEvidence'>['call']>[1]['from'];

const attach = command({
  words: ['runbook', 'attach'],
  summary: 'Keep evidence of a run, or of one of its steps: a file, output from standard input, audit rows or a security snapshot.',
  arguments: [RUN, { name: 'FILE', type: 'text', about: 'the file to keep', optional: true }],
  options: {
    step: { type: 'text', value: 'STEP', about: 'the step that it shows something of; left out: the run' },
    output: { type: 'text', value: 'NAME', about: 'keep what comes on standard input, under this name' },
    query: { type: 'text', value: 'QUERY', about: 'keep the cached audit rows that match, written as for audit search' },
    snapshot: { type: 'flag', about: 'keep the security checks of the deployment as the cache has them' },
    note: { type: 'text', value: 'TEXT', about: 'what is to be said of it' },
  },
  notes: ['It is kept encrypted, and its digest goes into the event. Nothing of it is executed.'],
}, async ({ args: [run, file], options }, context) => {
  const given = [file !== null, options.output !== undefined, options.query !== undefined, options.snapshot].filter(Boolean).length;
  if (given !== 1) throw new UsageError('Give one of FILE, --output, --query and --snapshot.', ['runbook', 'attach']);
  const text = options.output === undefined ? '' : await context.readText('output', OUTPUT_MAX_BYTES);
  const { runId, ref } = await context.serve(['run.list', 'run.show', 'run.addEvidence'], async (app) => {
    const view = await viewNamed(app, run);
    const step = options.step === undefined ? null : stepNamed(view, options.step).id;
    const sourceOf = (): Source => {
      if (file !== null) return { source: 'file', path: resolve(file) };
      if (options.output !== undefined) return { source: 'output', name: options.output, text };
      const deploymentId = view.deployment?.deploymentId ?? null;
      if (deploymentId === null) throw new AppError('deployment_not_found', { message: 'This run is about no deployment of this profile. Nothing was kept.', hint: 'Start a run with --deployment, or attach a file.' });
      return options.query === undefined ? { source: 'security-snapshot', deploymentId } : { source: 'audit-query', deploymentId, query: options.query };
    };
    return { runId: view.runId, ref: await app.call('run.addEvidence', { runId: view.runId, step, note: options.note ?? '', from: sourceOf() }) };
  });
  return { document: { run: runId, ...ref }, text: fields([['Kept', ref.name], ['Bytes', ref.bytes], ['Type', ref.type], ['SHA-256', ref.digest]], context.look) };
});

type Row = { readonly row: number; readonly id: string; readonly outcome: 'taken' | 'written' | 'unchanged' | 'refused' | 'not-in-runbook'; readonly reason: string };
const TONES: Readonly<Record<Row['outcome'], Tone>> = { taken: 'good', written: 'good', unchanged: 'quiet', refused: 'bad', 'not-in-runbook': 'quiet' };

const describeRows = (rows: readonly Row[], look: Look): string => (rows.length === 0 ? 'It has no rows.'
  : table([{ title: 'ROW', align: 'right' }, { title: 'ID', cut: true }, { title: 'OUTCOME' }, { title: 'REASON', cut: true }], rows.map((row): Cell[] => [row.row, row.id, { text: row.outcome.replaceAll('-', ' '), tone: TONES[row.outcome] }, row.reason]), look));

const cklbExport = command({
  words: ['runbook', 'cklb', 'export'],
  summary: 'Write a run as a CKLB checklist, for people with STIG tooling.',
  arguments: [RUN],
  options: { out: NEEDED, overwrite: OVERWRITE },
}, async ({ args: [run], options: { out, overwrite } }, context) => {
  const path = outFile(out, ['runbook', 'cklb', 'export']);
  refuseExisting(path, overwrite);
  const { runId, written } = await context.serve(['run.list', 'run.cklbExport'], async (app) => {
    const meant = await runNamed(app, run);
    return { runId: meant, written: await app.call('run.cklbExport', { runId: meant, path, overwrite }) };
  });
  return { document: { run: runId, ...written }, text: describeFile(written, context.look) };
});

function failingRows({ rows, taken }: CallOutput<'run.checklistImport'>): Failing | undefined {
  const refused = rows.filter(({ outcome }) => outcome === 'refused').length;
  return refused === 0 ? undefined : { code: 'step_unproven', message: `${counted(refused, 'row')} of the checklist ${refused === 1 ? 'was' : 'were'} refused; ${taken} ${taken === 1 ? 'was' : 'were'} taken.`, hint: 'The reason stands beside each row.' };
}

const cklbImport = command({
  words: ['runbook', 'cklb', 'import'],
  summary: 'Take what a reviewer wrote into a CKLB or CKL over into a run, row by row.',
  arguments: [RUN, { name: 'FILE', type: 'text', about: 'the checklist, CKLB or CKL' }],
  options: {},
  notes: ['Each row that is taken becomes an event under the key of this profile. Exit code 3 when a row was refused.'],
}, async ({ args: [run, file] }, context) => {
  const { runId, found } = await context.serve(['run.list', 'run.checklistImport'], async (app) => {
    const meant = await runNamed(app, run);
    return { runId: meant, found: await app.call('run.checklistImport', { runId: meant, path: resolve(file) }) };
  });
  const failing = failingRows(found);
  return { document: { run: runId, ...found }, text: `${describeRows(found.rows, context.look)}\n\n${found.taken} taken, ${found.unchanged} unchanged, ${found.rows.length - found.taken - found.unchanged} neither.`, ...(failing === undefined ? {} : { failing }) };
});

const cklbFill = command({
  words: ['runbook', 'cklb', 'fill'],
  summary: 'Fill the reviewer\'s four fields of a CKLB or CKL in from a run; everything else stays byte for byte.',
  arguments: [RUN],
  options: { from: { type: 'text', value: 'FILE', required: true, about: 'the checklist as it came; it is not changed' }, out: NEEDED, overwrite: OVERWRITE },
}, async ({ args: [run], options: { from, out, overwrite } }, context) => {
  const path = outFile(out, ['runbook', 'cklb', 'fill']);
  refuseExisting(path, overwrite);
  const { runId, filled } = await context.serve(['run.list', 'run.cklFill'], async (app) => {
    const meant = await runNamed(app, run);
    return { runId: meant, filled: await app.call('run.cklFill', { runId: meant, from: resolve(from), path, overwrite }) };
  });
  return { document: { run: runId, ...filled }, text: `${describeRows(filled.rows, context.look)}\n\n${describeFile(filled, context.look)}` };
});

export const runbookPaperCommands: readonly Command[] = [report, message, evidence, attach];
export const runbookChecklistCommands: readonly Command[] = [cklbExport, cklbImport, cklbFill];
